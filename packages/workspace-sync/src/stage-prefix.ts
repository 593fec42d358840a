/**
 * Begins the name of each directory, on both sides, in which a transfer or a copy makes files ready. It is never carried, and holds a `.gitignore` that names all that is in it, so that
 * git, whoever calls it, sees nothing of one that was left.
 */
export const stagePrefix = '.recac-stage-';
