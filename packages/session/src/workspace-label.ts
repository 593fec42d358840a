/** Label of an environment that says by which strategy its files went in; missing where something else than a session started it. */
export const workspaceLabel = 'recac-workspace';

/** Whether files were carried in, so that work has to be brought back before the environment goes. */
export function isCarried(labels: Readonly<Record<string, string>>): boolean {
  return carriesFiles(labels[workspaceLabel] ?? '');
}

/** Whether a strategy carries files in, and work back. */
export function carriesFiles(strategy: string): boolean {
  return strategy === 'git' || strategy === 'upload';
}
