import type { ManifestDifference } from '../manifest/manifest-comparison.ts';
import type { ManifestEntry } from '../manifest/manifest-entry.ts';
import type { WorkspaceBase } from './workspace-base.ts';

/** Each path costs the environment a process, and what is sent in vain is sent again: more than this is asked for first. */
const most = { paths: 8, bytes: 65_536 };

/**
 * What the paths of a small change are in the environment if nobody changed them there, as words for `receiveScript`: path after path, each followed by what is
 * expected of it. Undefined for a change that is not small, or when that cannot be said in words.
 */
export function toExpectedPaths(
  base: WorkspaceBase,
  { changed, removed }: ManifestDifference,
): readonly Buffer[] | undefined {
  if (changed.size + removed.size > most.paths) return undefined;
  let bytes = 0;
  for (const [, { size }] of changed) bytes += size;
  if (bytes > most.bytes) return undefined;
  const words: Buffer[] = [];
  for (const path of new Set([...changed.paths(), ...removed.paths()])) {
    const expected = toWords(base.environment.get(path));
    if (expected === undefined) return undefined;
    words.push(Buffer.from(`./${path}`, 'latin1'), Buffer.from(expected));
  }
  return words.length === 0 ? undefined : words;
}

/** Empty: nothing is there. */
function toWords(entry: ManifestEntry | undefined): string | undefined {
  if (entry === undefined) return '';
  if (entry.type === 'directory') return 'until 4 9999';
  if (entry.isUntil) return entry.type === 'file' ? `until 8 ${toTime(entry.changedNs)}` : undefined;
  if (entry.type !== 'file') return undefined;
  const mode = (0o100_000 | entry.mode).toString(16);
  return `${mode} ${entry.size} ${toTime(entry.modifiedNs)} ${toTime(entry.changedNs)} ${entry.inode}`;
}

const second = 1_000_000_000n;

/** What `stat` prints, in the format that `receiveScript` checks with, of a path that is as it was. */
export function toStatLine(path: string, { changedNs, inode }: ManifestEntry): string {
  return `${toTime(changedNs)} +0000 ${inode} ./${path}\n`;
}

/** As `stat` prints it in UTC. */
function toTime(nanoseconds: bigint): string {
  const fraction = ((nanoseconds % second) + second) % second;
  const whole = new Date(Number((nanoseconds - fraction) / 1_000_000n)).toISOString();
  return `${whole.slice(0, 19).replace('T', ' ')}.${String(fraction).padStart(9, '0')}`;
}
