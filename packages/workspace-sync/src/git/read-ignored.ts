import { constants } from 'node:fs';
import { open, readFile } from 'node:fs/promises';
import { findGitPath, type Repository } from './repository.ts';
import { runGit } from './run-git.ts';

/**
 * The patterns that are ignored here besides those of the tree: the repository's own, and those of the file that `core.excludesFile` of the user or of this machine names. They go into the environment, so a repository
 * cannot name the file: neither by its configuration nor by a link. Errors: `RECAC_WORKSPACE_GIT_FAILED`.
 */
export async function readIgnored(repository: Repository): Promise<string> {
  const [own, users] = [await findGitPath(repository, 'info/exclude'), await findUsersFile(repository)];
  const texts = [await readPlainFile(own), users === undefined ? '' : await readFile(users, 'utf8').catch(() => '')];
  const patterns = texts
    .join('\n')
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'));
  return patterns.join('\n').slice(0, 65_536);
}

async function findUsersFile({ directory }: Repository): Promise<string | undefined> {
  const { output } = await runGit({
    directory,
    arguments: ['config', '--show-scope', '-z', '--type=path', '--get-all', 'core.excludesFile'],
    answers: [1],
  });
  const fields = output.toString().split('\0');
  const files = fields.filter((_, at) => at % 2 === 1 && ['system', 'global'].includes(fields[at - 1] ?? ''));
  return files.at(-1);
}

/** Empty for a link, for what is no file, and for none. */
async function readPlainFile(path: string): Promise<string> {
  try {
    await using file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
    return (await file.stat()).isFile() ? await file.readFile('utf8') : '';
  } catch {
    return '';
  }
}
