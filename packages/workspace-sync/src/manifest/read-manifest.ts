import { abortedError, type ContainerEngine, type Environment, RecacError } from '@recac/engine-core';
import type { IgnoreRules } from '../ignore/ignore-rules.ts';
import type { Manifest, ManifestEntry } from './manifest.ts';
import { manifestExit, manifestScript } from './manifest-script.ts';

/** Most paths of an environment that are looked at: one million files and a margin. */
const maximumListBytes = 512 * 1_048_576;

const line = /^([0-9a-f]+) (\d+) (\S+ \S+ \S+ \S+ \S+ \S+ \d+) \.(?:\/|$)/;

/** What the workspace of an environment holds, without what the rules leave out. Errors: those of `exec`, `RECAC_WORKSPACE_UNAVAILABLE`, `RECAC_ABORTED`. */
export async function readManifest(
  engine: ContainerEngine,
  environment: Environment,
  options: { readonly rules: IgnoreRules; readonly signal?: AbortSignal },
): Promise<Manifest> {
  const { id, workspacePath } = environment;
  const command = ['/bin/sh', '-c', manifestScript, 'recac', workspacePath];
  const { signal } = options;
  const result = await engine.exec(id, command, {
    maxOutputBytes: maximumListBytes,
    workingDirectory: '/',
    ...(signal === undefined ? {} : { signal }),
  });
  if (result.outcome.type === 'cancelled') throw abortedError('listing the workspace', signal?.reason);
  if (result.exitCode !== 0 || result.truncated || result.droppedBytes > 0) {
    const problem =
      result.exitCode === manifestExit.notReadable
        ? 'cannot be entered'
        : `could not be listed (${result.stderr.trim().split('\n').at(-1)?.slice(0, 500) || `exit code ${result.exitCode}`})`;
    throw new RecacError(
      'RECAC_WORKSPACE_UNAVAILABLE',
      `the workspace ${workspacePath} of ${environment.name} ${problem}. Look at it with recac shell ${environment.sessionId}.`,
      { details: { environment: id, exitCode: result.exitCode } },
    );
  }
  return parseManifest(Buffer.from(result.stdoutData).toString('latin1'), options.rules);
}

/** Reads what the script printed. A line that begins like no entry belongs to the name before it. */
export function parseManifest(text: string, rules: IgnoreRules): Manifest {
  const manifest = new Map<string, ManifestEntry>();
  const lines = text.split('\n');
  lines.pop();
  for (let at = 0; at < lines.length; ) {
    let record = lines[at] ?? '';
    for (at += 1; at < lines.length && !line.test(lines[at] ?? ''); at += 1) record += `\n${lines[at]}`;
    const match = line.exec(record);
    if (match === null) continue;
    const path = record.slice(match[0].length);
    if (path === '' || path.startsWith('/') || path.split('/').some((step) => step === '' || step === '..')) continue;
    const entry = toEntry(match);
    if (!rules.ignores(path, entry.type === 'directory')) manifest.set(path, entry);
  }
  return manifest;
}

const types: ReadonlyMap<number, ManifestEntry['type']> = new Map([
  [0o100000, 'file'],
  [0o040000, 'directory'],
  [0o120000, 'link'],
]);

function toEntry(match: RegExpExecArray): ManifestEntry {
  const status = Number.parseInt(match[1] ?? '0', 16);
  const type = types.get(status & 0o170000) ?? 'special';
  const mode = status & 0o777;
  if (type === 'directory') return { type, mode, size: 0, stamp: '' };
  return { type, mode, size: type === 'file' ? Number(match[2]) : 0, stamp: match[3] ?? '' };
}
