import { withTurn } from '../with-turn.ts';
import { findGitPath, type Repository, toReferences } from './repository.ts';

/** Works on what a repository keeps of a session while nobody else on this machine does. Errors: those of `withTurn` and of the work. */
export async function withSessionTurn<T>(
  repository: Repository,
  sessionId: string,
  work: () => Promise<T>,
  signal?: AbortSignal,
): Promise<T> {
  const name = toReferences(sessionId).branch.replaceAll('/', '-');
  // All working trees of a repository share this directory (gitrepository-layout).
  return withTurn(await findGitPath(repository, `info/${name}.turn`), work, signal);
}
