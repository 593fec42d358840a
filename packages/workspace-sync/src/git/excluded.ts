import { parseIgnorePattern } from '../ignore/ignore-pattern.ts';
import { type IgnoreChoice, IgnoreRules } from '../ignore/ignore-rules.ts';
import { type Repository, toReferences } from './repository.ts';
import { readGit, runGit } from './run-git.ts';

/** Takes what `exclude` names out of an index. Errors: `RECAC_WORKSPACE_GIT_FAILED`. */
export async function removeExcluded(
  { directory }: Repository,
  { variables, ...choice }: IgnoreChoice & { readonly variables: { readonly GIT_INDEX_FILE: string } },
): Promise<void> {
  const { output } = await runGit({ directory, variables, arguments: ['ls-files', '--stage', '-z'] });
  const paths = listExcluded(output, choice);
  if (paths.length === 0) return;
  const stdin = Buffer.from(paths.map((path) => `${path}\0`).join(''), 'latin1');
  await runGit({ directory, variables, arguments: ['update-index', '--force-remove', '-z', '--stdin'], stdin });
}

/** Those of the paths of a commit that `exclude` names, as bytes, one character each. Errors: `RECAC_WORKSPACE_GIT_FAILED`. */
export async function listExcludedOf(
  { directory }: Repository,
  commit: string,
  choice: IgnoreChoice,
): Promise<readonly string[]> {
  if ((choice.exclude ?? []).length === 0) return [];
  const { output } = await runGit({ directory, arguments: ['ls-tree', '-r', '-z', '--full-tree', commit] });
  return listExcluded(output, choice);
}

function listExcluded(listed: Buffer, choice: IgnoreChoice): readonly string[] {
  const rules = new IgnoreRules(choice);
  const lines = listed.toString('latin1').split('\0');
  return lines
    .filter((line) => line !== '' && rules.ignores(line.slice(line.indexOf('\t') + 1), line.startsWith('160000')))
    .map((line) => line.slice(line.indexOf('\t') + 1));
}

/** What keeps `git add` from reading most of what is taken out afterwards; nothing where a pattern takes files back in. */
export function toPathspecs(exclude: readonly string[]): readonly string[] {
  const patterns = exclude.map(parseIgnorePattern).filter((pattern) => pattern !== undefined);
  if (patterns.some(({ includes }) => includes)) return [];
  return patterns.flatMap(({ anchored, directoriesOnly, steps }) => {
    const pattern = `:(exclude,glob)${anchored ? '' : '**/'}${steps.join('/')}`;
    return directoriesOnly ? [`${pattern}/**`] : [pattern, `${pattern}/**`];
  });
}

/** Stores the choice that a session began with, and gives the name of the object; undefined where nothing is excluded. Errors: `RECAC_WORKSPACE_GIT_FAILED`. */
export async function storeChoice(
  { directory }: Repository,
  { include = [], exclude = [] }: IgnoreChoice,
): Promise<string | undefined> {
  if (exclude.length === 0) return undefined;
  const stdin = JSON.stringify({ include, exclude });
  return readGit({ directory, arguments: ['hash-object', '-w', '--stdin'], stdin });
}

/** The choice that a session began with; empty where nothing was excluded. Errors: `RECAC_WORKSPACE_GIT_FAILED`. */
export async function readChoice({ directory }: Repository, sessionId: string): Promise<IgnoreChoice> {
  const { code, output } = await runGit({
    directory,
    arguments: ['cat-file', 'blob', toReferences(sessionId).choice],
    answers: [128],
  });
  if (code !== 0) return {};
  const { include, exclude } = JSON.parse(output.toString()) as Record<string, unknown>;
  return { include: toStrings(include), exclude: toStrings(exclude) };
}

function toStrings(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.filter((element) => typeof element === 'string') : [];
}
