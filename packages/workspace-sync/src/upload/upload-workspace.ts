import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type {
  ContainerEngine,
  Environment,
  HarvestReport,
  TransferReport,
  WorkspaceStrategy,
} from '@recac/engine-core';
import { RecacError } from '@recac/engine-core';
import { describeBytes } from '../describe-bytes.ts';
import type { IgnoreChoice } from '../ignore/ignore-rules.ts';
import { compareManifests, isSame, type Manifest, type ManifestEntry } from '../manifest/manifest.ts';
import { readManifest } from '../manifest/read-manifest.ts';
import { type ScannedDirectory, scanDirectory } from '../manifest/scan-directory.ts';
import { nothingMoved } from '../strategy/nothing-moved.ts';
import { resolveDirectory } from '../strategy/resolve-directory.ts';
import { applyChanges } from './apply-changes.ts';
import { createStage } from './create-stage.ts';
import { fetchChanges } from './fetch-changes.ts';
import { type Changes, describePaths, type SyncEnds, sendChanges } from './send-changes.ts';
import { emptyBase, loadBase, saveBase, type WorkspaceBase } from './workspace-base.ts';

/** What an upload needs. */
export interface UploadOptions extends IgnoreChoice {
  /** Engine that the environments run on. */
  readonly engine: ContainerEngine;
  /** Directory of this machine; relative paths count from the working directory. */
  readonly path: string;
  /** File that remembers what both sides of a session had in common, so that another process can go on. */
  readonly toBasePath: (sessionId: string) => string;
  /** PersistentVolumeClaim that holds the workspace. Default: a scratch directory of the environment. */
  readonly claimName?: string;
  /** Most bytes that are sent without having been asked for. Default: 1 GiB. */
  readonly limitBytes?: number;
  /** Names of ignore files that count, in this order. Default: `.recacignore`. */
  readonly ignoreFiles?: readonly string[];
}

const defaultLimitBytes = 1_073_741_824;

/**
 * The strategy `upload`: what changed is sent by a tar stream and brought back the same way, by comparing size, times, mode and inode of each file on both
 * sides with what they were when the sides were last the same. What only one side changed goes to the other; what both changed stays as it is on each side,
 * and comes back under another name beside it.
 */
export function createUploadWorkspace(options: UploadOptions): WorkspaceStrategy {
  return new UploadWorkspace(options);
}

type Call = { readonly signal?: AbortSignal };

class UploadWorkspace implements WorkspaceStrategy {
  readonly name = 'upload';
  readonly #options: UploadOptions;
  #known: { readonly path: string; readonly base: WorkspaceBase } | undefined;

  constructor(options: UploadOptions) {
    this.#options = options;
  }

  async prepare(): ReturnType<WorkspaceStrategy['prepare']> {
    const { claimName, path } = this.#options;
    this.#checkSize(this.#scan(await resolveDirectory(path)));
    return claimName === undefined ? { type: 'scratch' } : { type: 'persistentVolumeClaim', claimName };
  }

  async push(environment: Environment, call: Call = {}): Promise<TransferReport> {
    const ends = await this.#ends(environment, call);
    const base = await this.#loadBase(environment);
    const scanned = this.#scan(ends.directory);
    this.#checkSize(scanned);
    const { changes, conflicts } = await this.#planPush(ends, base, scanned.manifest);
    const skipped = changes.entries.filter(([, { type }]) => type === 'special').map(([path]) => toText(path));
    const removed = [...changes.removedFiles, ...changes.removedDirectories];
    if (changes.entries.length === 0 && removed.length === 0)
      return { changed: 0, removed: 0, bytes: 0, conflicts, skipped };
    const sent = await sendChanges(ends, changes);
    const there = new Map(base.environment);
    for (const path of removed) there.delete(path);
    for (const [path, entry] of changes.entries) if (entry.type === 'directory') there.set(path, entry);
    for (const [path, entry] of sent.manifest) there.set(path, entry);
    await this.#keep(environment, { host: scanned.manifest, environment: there });
    const changed = changes.entries.filter(([, { type }]) => type !== 'directory' && type !== 'special').length;
    return { changed, removed: removed.length, bytes: sent.bytes, conflicts, skipped };
  }

  async pull(environment: Environment, call: Call = {}): Promise<TransferReport> {
    const ends = await this.#ends(environment, call);
    const base = await this.#loadBase(environment);
    const { rules } = this.#scan(ends.directory);
    const there = await readManifest(ends.engine, environment, { rules, ...call });
    const difference = compareManifests(base.environment, there);
    const paths = difference.changed.filter((path) => !path.split('/').includes('.git'));
    const entries = paths.map((path) => [path, there.get(path)] as const).filter(isPresent);
    const wanted = entries.filter(([, { type }]) => type === 'file' || type === 'link').map(([path]) => path);
    if (entries.length === 0 && difference.removed.length === 0) return nothingMoved;
    const stage = await createStage(ends.directory);
    try {
      const staged = join(stage, 'content');
      const fetched = wanted.length === 0 ? { bytes: 0, skipped: [] } : await fetchChanges(ends, wanted, staged);
      const applied = applyChanges({
        directory: ends.directory,
        staged,
        entries,
        removed: difference.removed,
        base: base.host,
        suffix: `recac-${environment.sessionId}`.replaceAll('/', '_'),
      });
      await this.#keep(environment, { host: this.#scan(ends.directory).manifest, environment: there });
      return {
        changed: applied.changed.length,
        removed: applied.removed.length,
        bytes: fetched.bytes,
        conflicts: applied.conflicts.map(toText),
        skipped: [
          ...fetched.skipped.map(toText),
          ...entries.filter(([, { type }]) => type === 'special').map(([path]) => toText(path)),
        ],
      };
    } finally {
      await rm(stage, { recursive: true, force: true });
    }
  }

  async harvest(environment: Environment, call: Call = {}): Promise<HarvestReport> {
    const { changed, removed, conflicts, skipped } = await this.pull(environment, call);
    const directory = await resolveDirectory(this.#options.path);
    const parts = [`${count(changed + removed, 'change')} brought back to ${directory}`];
    if (conflicts.length > 0)
      parts.push(
        `${count(conflicts.length, 'file')} changed on both sides, kept beside as *.recac-${environment.sessionId}`,
      );
    if (skipped.length > 0) parts.push(`left out: ${skipped.slice(0, 5).join(', ')}`);
    return { summary: parts.join('; '), changedFiles: changed + removed, conflicts };
  }

  async dispose(): Promise<void> {}

  async #ends(environment: Environment, call: Call): Promise<SyncEnds> {
    return {
      engine: this.#options.engine,
      environment,
      directory: await resolveDirectory(this.#options.path),
      ...call,
    };
  }

  #scan(directory: string): ScannedDirectory {
    return scanDirectory(directory, this.#options);
  }

  /** What the host changed since, without what the environment changed as well. */
  async #planPush(
    ends: SyncEnds,
    base: WorkspaceBase,
    here: Manifest,
  ): Promise<{ readonly changes: Changes; readonly conflicts: readonly string[] }> {
    const { changed, removed } = compareManifests(base.host, here);
    const isFirst = base.host.size === 0;
    const there = isFirst ? base.environment : await describePaths(ends, [...changed, ...removed]);
    const conflicts = new Set(
      [...changed, ...removed].filter((path) => !isSame(base.environment.get(path), there.get(path))),
    );
    const entries = changed.filter((path) => !conflicts.has(path)).map((path) => [path, here.get(path)] as const);
    const gone = removed.filter((path) => !conflicts.has(path));
    const replaced = changed.filter((path) => {
      const before = there.get(path);
      return before !== undefined && !conflicts.has(path) && before.type !== here.get(path)?.type;
    });
    const isDirectory = (path: string): boolean => base.environment.get(path)?.type === 'directory';
    return {
      changes: {
        entries: entries.filter(isPresent),
        removedFiles: [...gone, ...replaced].filter((path) => !isDirectory(path)),
        removedDirectories: [...gone, ...replaced].filter(isDirectory).sort().reverse(),
      },
      conflicts: [...conflicts].filter((path) => there.has(path) || !removed.includes(path)).map(toText),
    };
  }

  #checkSize({ bytes, manifest }: ScannedDirectory): void {
    const { limitBytes = defaultLimitBytes } = this.#options;
    if (bytes <= limitBytes) return;
    const message = `the workspace holds ${describeBytes(bytes)} in ${manifest.size} files, more than the limit of ${describeBytes(limitBytes)}; most is in ${findLargest(manifest)}. Leave things out by a .recacignore, or raise workspace.upload_limit.`;
    throw new RecacError('RECAC_WORKSPACE_UNAVAILABLE', message, { details: { bytes, limitBytes } });
  }

  async #loadBase({ sessionId }: Environment): Promise<WorkspaceBase> {
    const path = this.#options.toBasePath(sessionId);
    if (this.#known?.path !== path) this.#known = { path, base: (await loadBase(path)) ?? emptyBase };
    return this.#known.base;
  }

  async #keep({ sessionId }: Environment, base: WorkspaceBase): Promise<void> {
    const path = this.#options.toBasePath(sessionId);
    this.#known = { path, base };
    await saveBase(path, base);
  }
}

function isPresent(pair: readonly [string, ManifestEntry | undefined]): pair is readonly [string, ManifestEntry] {
  return pair[1] !== undefined;
}

function toText(path: string): string {
  return Buffer.from(path, 'latin1').toString();
}

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`;
}

/** The three entries of the top level that hold most. */
function findLargest(manifest: Manifest): string {
  const sizes = new Map<string, number>();
  for (const [path, { size }] of manifest) {
    const top = path.split('/', 1)[0] ?? '';
    sizes.set(top, (sizes.get(top) ?? 0) + size);
  }
  const largest = [...sizes].sort(([, one], [, other]) => other - one).slice(0, 3);
  return largest.map(([path, bytes]) => `${toText(path)} (${describeBytes(bytes)})`).join(', ');
}
