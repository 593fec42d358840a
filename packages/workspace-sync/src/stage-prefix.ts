/** Begins the name of each directory, on both sides, in which a transfer makes files ready. It is never carried. */
export const stagePrefix = '.recac-stage-';
