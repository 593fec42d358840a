import { execFileSync } from 'node:child_process';
import { mkdir } from 'node:fs/promises';
import { createSnapshot, type SnapshotOptions } from '../src/git/create-snapshot.ts';
import { storeChoice } from '../src/git/excluded.ts';
import { setReferences, toReferences } from '../src/git/repository.ts';
import { git } from './git-daemon.ts';

/**
 * What a session leaves in a repository, without an environment: the working tree is taken as `git` sends it, a shell script works on it in a repository of its own, and its commits and the
 * rest come back.
 */
export async function makeSessionWork(
  project: string,
  {
    sessionId,
    there,
    script,
    ...choice
  }: { readonly sessionId: string; readonly there: string; readonly script: string } & Pick<
    SnapshotOptions,
    'include' | 'exclude'
  >,
): Promise<void> {
  const repository = { directory: project };
  const references = toReferences(sessionId);
  const { commit } = await createSnapshot(repository, { message: 'Workspace', ...choice });
  const origin = git(project, 'rev-parse', 'HEAD');
  await setReferences(repository, {
    [references.origin]: origin,
    [references.start]: commit,
    [references.base]: commit,
    [references.choice]: await storeChoice(repository, choice),
  });
  await goOn(project, { sessionId, there, script });
}

/** The session goes on with another script. */
export async function goOn(
  project: string,
  { sessionId, there, script }: { readonly sessionId: string; readonly there: string; readonly script: string },
): Promise<void> {
  const references = toReferences(sessionId);
  await mkdir(there, { recursive: true });
  git(there, 'init', '-q');
  git(there, 'fetch', '-q', project, `+${references.start}:refs/start`);
  try {
    git(there, 'rev-parse', '-q', '--verify', 'HEAD');
  } catch {
    git(there, 'checkout', '-q', '-b', references.branch, 'refs/start');
  }
  git(there, 'config', 'user.name', 'session');
  git(there, 'config', 'user.email', 'session@localhost');
  execFileSync('sh', ['-ec', script], { cwd: there });
  const head = git(there, 'rev-parse', 'HEAD');
  git(there, 'add', '--all');
  const work = git(there, 'commit-tree', git(there, 'write-tree'), '-p', head, '-m', 'Uncommitted work');
  git(there, 'reset', '-q');
  git(there, 'update-ref', 'refs/work', work);
  git(project, 'fetch', '-q', there, `+HEAD:${references.head}`, `+refs/work:${references.work}`);
}
