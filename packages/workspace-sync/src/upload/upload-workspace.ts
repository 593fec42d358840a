import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type {
  ContainerEngine,
  Environment,
  HarvestReport,
  PushOptions,
  TransferReport,
  WorkspaceStrategy,
} from '@recac/engine-core';
import { RecacError } from '@recac/engine-core';
import { type IgnoreChoice, type IgnoreRules, ignoreFileName } from '../ignore/ignore-rules.ts';
import { compareManifests, type Manifest, type ManifestDifference, type ManifestEntry } from '../manifest/manifest.ts';
import { readManifest } from '../manifest/read-manifest.ts';
import { type ScannedDirectory, scanDirectory, scanPath, scanPaths } from '../manifest/scan-directory.ts';
import { toCarriedMount } from '../strategy/carried-mount.ts';
import { nothingMoved } from '../strategy/nothing-moved.ts';
import { resolveDirectory } from '../strategy/resolve-directory.ts';
import { applyChanges } from './apply-changes.ts';
import { createStage } from './create-stage.ts';
import { fetchChanges } from './fetch-changes.ts';
import { planPush } from './plan-push.ts';
import { type SyncEnds, sendChanges } from './send-changes.ts';
import { describeSize, measure, type UploadSize } from './upload-size.ts';
import {
  appendToBase,
  type BaseChange,
  changeBase,
  emptyBase,
  loadBase,
  saveBase,
  type WorkspaceBase,
} from './workspace-base.ts';

type Call = { readonly signal?: AbortSignal };

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
  /** Most bytes that are sent at once without having been asked for. Default: 1 GiB. */
  readonly limitBytes?: number;
  /** Asked once, before more than the limit is sent. Default: it is refused. */
  readonly confirm?: (size: UploadSize, options: Call) => Promise<boolean>;
  /** Names of ignore files that count, in this order. Default: `.recacignore`. */
  readonly ignoreFiles?: readonly string[];
}

const defaultLimitBytes = 1_073_741_824;
/** Rows that are added to the file of a base until it is written anew. */
const mostAppended = 5_000;

/**
 * The strategy `upload`: what changed is sent by a tar stream and brought back the same way, by comparing size, times, mode and inode of each file on both
 * sides with what they were when the sides were last the same. What only one side changed goes to the other; what both changed stays as it is on each side,
 * and comes back under another name beside it.
 */
export function createUploadWorkspace(options: UploadOptions): WorkspaceStrategy {
  return new UploadWorkspace(options);
}

class UploadWorkspace implements WorkspaceStrategy {
  readonly name = 'upload';
  readonly #options: UploadOptions;
  #isConfirmed = false;
  #known: { readonly path: string; readonly base: WorkspaceBase; readonly appended: number } | undefined;
  /** Of the last look at everything. */
  #rules: IgnoreRules | undefined;

  constructor(options: UploadOptions) {
    this.#options = options;
  }

  async prepare(call: Call = {}): ReturnType<WorkspaceStrategy['prepare']> {
    const { claimName, path } = this.#options;
    await this.#checkSize(this.#scan(await resolveDirectory(path)).manifest, call);
    return toCarriedMount(this.#options.engine, claimName);
  }

  async push(environment: Environment, { changedPaths, ...call }: PushOptions = {}): Promise<TransferReport> {
    if (changedPaths?.length === 0) return nothingMoved;
    const ends = await this.#ends(environment, call);
    const base = await this.#loadBase(environment);
    const isFirst = base.host.size === 0;
    const { before, here } = this.#look(ends.directory, base, changedPaths);
    const { changes, conflicts } = await planPush(ends, base, { before, here });
    await this.#checkSize(changes.entries, call);
    const skipped = changes.entries.filter(([, { type }]) => type === 'special').map(([path]) => toText(path));
    const removed = [...changes.removedFiles, ...changes.removedDirectories];
    const report = { conflicts: conflicts.map(toText), skipped };
    if (changes.entries.length === 0 && removed.length === 0) return { changed: 0, removed: 0, bytes: 0, ...report };
    const sent = await sendChanges(ends, changes, { isFirst });
    const directories = changes.entries.filter(([, { type }]) => type === 'directory');
    await this.#keep(environment, {
      host: { set: changes.entries, removed },
      environment: { set: [...directories, ...sent.manifest], removed },
    });
    const changed = changes.entries.length - directories.length - skipped.length;
    return { changed, removed: removed.length, bytes: sent.bytes, ...report };
  }

  async pull(environment: Environment, call: Call = {}): Promise<TransferReport> {
    const ends = await this.#ends(environment, call);
    const base = await this.#loadBase(environment);
    const { rules } = this.#scan(ends.directory);
    const there = await readManifest(ends.engine, environment, { rules, ...call });
    const { changed, removed, isRepositoryLeft } = withoutRepositories(compareManifests(base.environment, there));
    const entries = changed.map((path) => [path, there.get(path)] as const).filter(isPresent);
    const wanted = entries.filter(([, { type }]) => type === 'file' || type === 'link').map(([path]) => path);
    const left = isRepositoryLeft ? ['.git'] : [];
    if (entries.length === 0 && removed.length === 0) return { ...nothingMoved, skipped: left };
    const stage = await createStage(ends.directory);
    try {
      const staged = join(stage, 'content');
      const fetched = wanted.length === 0 ? { bytes: 0, skipped: [] } : await fetchChanges(ends, wanted, staged);
      const applied = applyChanges({
        directory: ends.directory,
        staged,
        entries,
        removed,
        base: base.host,
        suffix: `recac-${environment.sessionId}`.replaceAll('/', '_'),
      });
      // What this machine changed by itself is not in common: the next push brings it.
      const settled = [...applied.changed, ...applied.agreed, ...applied.removed];
      const here = settled.map((path) => [path, scanPath(`${toLatin1(ends.directory)}/${path}`)] as const);
      await this.#keep(environment, {
        host: { set: here.filter(isPresent), removed: here.filter((pair) => !isPresent(pair)).map(([path]) => path) },
        environment: { set: entries, removed },
      });
      return {
        changed: applied.changed.length,
        removed: applied.removed.length,
        bytes: fetched.bytes,
        conflicts: applied.conflicts.map(toText),
        skipped: [
          ...left,
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
    const scanned = scanDirectory(directory, this.#options);
    this.#rules = scanned.rules;
    return scanned;
  }

  /** What this machine has, and had: everywhere, or at the paths that are known to have changed. */
  #look(
    directory: string,
    base: WorkspaceBase,
    changedPaths: readonly string[] | undefined,
  ): { readonly before: Manifest; readonly here: Manifest } {
    const some = changedPaths && this.#rules && base.host.size > 0 ? changedPaths.map(toLatin1) : undefined;
    const { ignoreFiles = [ignoreFileName] } = this.#options;
    if (some && this.#rules && !some.some((path) => ignoreFiles.includes(path.slice(path.lastIndexOf('/') + 1))))
      return scanPaths(directory, { paths: some, rules: this.#rules, before: base.host });
    return { before: base.host, here: this.#scan(directory).manifest };
  }

  async #checkSize(entries: Iterable<readonly [string, ManifestEntry]>, call: Call): Promise<void> {
    const { limitBytes = defaultLimitBytes, confirm } = this.#options;
    const size = measure(entries, limitBytes);
    if (size.bytes <= limitBytes || this.#isConfirmed) return;
    this.#isConfirmed = (await confirm?.(size, call)) ?? false;
    if (this.#isConfirmed) return;
    const message = `the upload would be ${describeSize(size)}. Leave things out by a .recacignore, raise workspace.upload_limit, or say --yes.`;
    throw new RecacError('RECAC_WORKSPACE_UNAVAILABLE', message, { details: { bytes: size.bytes, limitBytes } });
  }

  async #loadBase({ sessionId }: Environment): Promise<WorkspaceBase> {
    const path = this.#options.toBasePath(sessionId);
    if (this.#known?.path !== path)
      this.#known = { path, base: (await loadBase(path)) ?? emptyBase(), appended: Infinity };
    return this.#known.base;
  }

  /** A small change is added to the file; now and then, and for a large one, it is written anew. */
  async #keep(environment: Environment, change: BaseChange): Promise<void> {
    const base = await this.#loadBase(environment);
    const path = this.#options.toBasePath(environment.sessionId);
    const sides = [change.host, change.environment].map(({ set, removed }) => set.length + removed.length);
    const appended = (this.#known?.appended ?? Infinity) + Math.max(...sides);
    changeBase(base, change);
    const isSmall = appended < mostAppended;
    await (isSmall ? appendToBase(path, change) : saveBase(path, base));
    this.#known = { path, base, appended: isSmall ? appended : 0 };
  }
}

/** What an agent wrote into a repository could run on this machine: it is never brought back, even where the repository went in on purpose. */
function withoutRepositories({ changed, removed }: ManifestDifference): ManifestDifference & {
  readonly isRepositoryLeft: boolean;
} {
  const isOutside = (path: string): boolean => !path.split('/').includes('.git');
  const kept = { changed: changed.filter(isOutside), removed: removed.filter(isOutside) };
  const isRepositoryLeft = kept.changed.length + kept.removed.length < changed.length + removed.length;
  return { ...kept, isRepositoryLeft };
}

function isPresent(pair: readonly [string, ManifestEntry | undefined]): pair is readonly [string, ManifestEntry] {
  return pair[1] !== undefined;
}

function toLatin1(path: string): string {
  return Buffer.from(path).toString('latin1');
}

function toText(path: string): string {
  return Buffer.from(path, 'latin1').toString();
}

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`;
}
