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
import { toBytePath, toPathText } from '../byte-path.ts';
import { type IgnoreChoice, type IgnoreRules, ignoreFileName } from '../ignore/ignore-rules.ts';
import type { Manifest } from '../manifest/manifest.ts';
import { ManifestComparison, type ManifestDifference } from '../manifest/manifest-comparison.ts';
import { readManifest } from '../manifest/read-manifest.ts';
import { type Visit, walkDirectory, walkPaths } from '../manifest/walk-directory.ts';
import { toCarriedMount } from '../strategy/carried-mount.ts';
import { notCarried } from '../strategy/not-carried.ts';
import { nothingMoved } from '../strategy/nothing-moved.ts';
import { resolveDirectory } from '../strategy/resolve-directory.ts';
import { withTurn } from '../with-turn.ts';
import { applyChanges } from './apply-changes.ts';
import { BaseStore } from './base-store.ts';
import { createStage } from './create-stage.ts';
import { type FetchReport, fetchChanges } from './fetch-changes.ts';
import { pushDifference } from './push-difference.ts';
import { discardUpload } from './resume-upload.ts';
import { isSent, type SyncEnds } from './send-changes.ts';
import { settle } from './settle-changes.ts';
import { forgetUpload, recallUpload } from './unfinished-upload.ts';
import { describeSize, UploadMeter, type UploadSize } from './upload-size.ts';
import type { WorkspaceBase } from './workspace-base.ts';

type Call = { readonly signal?: AbortSignal };

/** What an upload needs. */
export interface UploadOptions extends IgnoreChoice {
  /** Engine that the environments run on. */
  readonly engine: ContainerEngine;
  /** Directory of this machine; relative paths count from the working directory. */
  readonly path: string;
  /** File that remembers what both sides of a session had in common, so that another process can go on. */
  readonly toBasePath: (environment: Environment) => string;
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
  readonly #bases = new BaseStore();
  #isConfirmed = false;
  /** Of the last look at everything. */
  #rules: IgnoreRules | undefined;

  constructor(options: UploadOptions) {
    this.#options = options;
  }

  async prepare(call: Call = {}): ReturnType<WorkspaceStrategy['prepare']> {
    const { claimName, path } = this.#options;
    const meter = new UploadMeter();
    this.#walk(await resolveDirectory(path), (child, entry) => meter.add(child, entry));
    await this.#checkSize(meter, call);
    return toCarriedMount(this.#options.engine, claimName);
  }

  async push(environment: Environment, options: PushOptions = {}): Promise<TransferReport> {
    if (options.changedPaths?.length === 0) return nothingMoved;
    return this.#inTurn(environment, () => this.#push(environment, options), options);
  }

  async pull(environment: Environment, call: Call = {}): Promise<TransferReport> {
    return this.#inTurn(environment, () => this.#pull(environment, call), call);
  }

  async #push(environment: Environment, { changedPaths, ...call }: PushOptions): Promise<TransferReport> {
    const ends = await this.#ends(environment, call);
    const path = this.#options.toBasePath(environment);
    const base = await this.#bases.load(path);
    const difference = this.#look(ends.directory, base, changedPaths);
    const { agreed, changes, conflicts, sent } = await pushDifference(ends, base, difference, {
      unfinishedPath: this.#toUnfinishedPath(environment),
      check: (entries) => this.#checkSize(new UploadMeter(entries), call),
    });
    const { entries, gone } = changes;
    const skipped: string[] = [];
    let directories = 0;
    for (const [child, { type }] of entries) {
      if (type === 'special') skipped.push(toPathText(child));
      if (type === 'directory') directories += 1;
    }
    const report = { removed: gone.size, conflicts: conflicts.map(toPathText), skipped };
    const changed = entries.size - directories - skipped.length;
    if (entries.size + gone.size + agreed.host.size === 0) return { changed, bytes: 0, ...report };
    for (const [child, entry] of entries) if (entry.type === 'directory') sent.manifest.set(child, entry);
    for (const [child, entry] of agreed.host) entries.set(child, entry);
    for (const [child, entry] of agreed.environment) sent.manifest.set(child, entry);
    await this.#bases.change(path, {
      host: { set: entries, removed: gone },
      environment: { set: sent.manifest, removed: gone },
    });
    return { changed, bytes: sent.bytes, ...report };
  }

  async #pull(environment: Environment, call: Call): Promise<TransferReport> {
    const ends = await this.#ends(environment, call);
    const path = this.#options.toBasePath(environment);
    const base = await this.#bases.load(path);
    const rules = this.#walk(ends.directory, () => {});
    const comparison = new ManifestComparison(base.environment);
    await readManifest(ends.engine, environment, {
      rules,
      visit: (child, entry) => comparison.add(child, entry),
      ...call,
    });
    const { changed, removed, isRepositoryLeft } = withoutRepositories(comparison.finish(rules));
    const skipped = isRepositoryLeft ? ['.git'] : [];
    let wanted = 0;
    for (const [child, entry] of changed) {
      if (entry.type === 'special') skipped.push(toPathText(child));
      if (isSent(entry)) wanted += 1;
    }
    if (changed.size === 0 && removed.size === 0) return { ...nothingMoved, skipped };
    const stage = await createStage(ends.directory);
    try {
      const staged = join(stage, 'content');
      const fetched: Pick<FetchReport, 'bytes' | 'skipped' | 'problem'> =
        wanted === 0 ? { bytes: 0, skipped: [] } : await fetchChanges(ends, changed, { target: staged });
      const applied = applyChanges({
        directory: ends.directory,
        staged,
        entries: changed,
        removed,
        base: base.host,
        suffix: `recac-${environment.sessionId}`.replaceAll('/', '_'),
      });
      const settled = settle(applied, base, ends.directory);
      const skippedLinks = new Set(fetched.skipped);
      // What did not come is no common state: the next pull asks for it again.
      for (const child of settled.left) {
        const entry = changed.get(child);
        if (entry !== undefined && isSent(entry) && !skippedLinks.has(child)) changed.delete(child);
      }
      await this.#bases.change(path, { host: settled.host, environment: { set: changed, removed } });
      if (fetched.problem !== undefined) throw notCarried(environment, fetched.problem);
      return {
        changed: settled.changed,
        removed: settled.removed,
        bytes: fetched.bytes,
        conflicts: settled.conflicts.map(toPathText),
        skipped: [...skipped, ...fetched.skipped.map(toPathText)],
      };
    } finally {
      await rm(stage, { recursive: true, force: true });
    }
  }

  async harvest(environment: Environment, call: Call = {}): Promise<HarvestReport> {
    const { changed, removed, conflicts, skipped } = await this.#inTurn(
      environment,
      async () => {
        const report = await this.#pull(environment, call);
        await this.#discardUnfinished(environment, call);
        return report;
      },
      call,
    );
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

  /** Work is brought back for good: an upload that was cut off is not gone on with. */
  async #discardUnfinished(environment: Environment, call: Call): Promise<void> {
    const unfinishedPath = this.#toUnfinishedPath(environment);
    const unfinished = await recallUpload(unfinishedPath, environment);
    if (unfinished === undefined) return;
    await discardUpload(await this.#ends(environment, call), unfinished.id);
    await forgetUpload(unfinishedPath);
  }

  #toUnfinishedPath(environment: Environment): string {
    return `${this.#options.toBasePath(environment)}.sending`;
  }

  /** Two clients that move at once would each take the other's work for a change of its own. */
  #inTurn<T>(environment: Environment, work: () => Promise<T>, { signal }: Call): Promise<T> {
    return withTurn(`${this.#options.toBasePath(environment)}.turn`, work, signal);
  }

  async #ends(environment: Environment, call: Call): Promise<SyncEnds> {
    return {
      engine: this.#options.engine,
      environment,
      directory: await resolveDirectory(this.#options.path),
      ...call,
    };
  }

  #walk(directory: string, visit: Visit): IgnoreRules {
    const rules = walkDirectory(directory, this.#options, visit);
    this.#rules = rules;
    return rules;
  }

  /** What this machine changed: everywhere, or at the paths that are known to have changed. */
  #look(directory: string, base: WorkspaceBase, changedPaths: readonly string[] | undefined): ManifestDifference {
    const some = changedPaths && this.#rules && base.host.size > 0 ? changedPaths.map(toBytePath) : undefined;
    const { ignoreFiles = [ignoreFileName] } = this.#options;
    if (some && this.#rules && !some.some((path) => ignoreFiles.includes(path.slice(path.lastIndexOf('/') + 1)))) {
      const { before, here } = walkPaths(directory, { paths: some, rules: this.#rules, before: base.host });
      const comparison = new ManifestComparison(before);
      for (const [path, entry] of here) comparison.add(path, entry);
      return comparison.finish(this.#rules);
    }
    const comparison = new ManifestComparison(base.host);
    return comparison.finish(this.#walk(directory, (path, entry) => comparison.add(path, entry)));
  }

  async #checkSize(meter: UploadMeter, call: Call): Promise<void> {
    const { limitBytes = defaultLimitBytes, confirm } = this.#options;
    const size = meter.finish(limitBytes);
    if (size.bytes <= limitBytes || this.#isConfirmed) return;
    this.#isConfirmed = (await confirm?.(size, call)) ?? false;
    if (this.#isConfirmed) return;
    const message = `the upload would be ${describeSize(size)}. Leave things out by a .recacignore, raise workspace.upload_limit, or say --yes.`;
    throw new RecacError('RECAC_WORKSPACE_UNAVAILABLE', message, { details: { bytes: size.bytes, limitBytes } });
  }
}

/** What an agent wrote into a repository could run on this machine: it is never brought back, even where the repository went in on purpose. */
function withoutRepositories(difference: ManifestDifference): ManifestDifference & {
  readonly isRepositoryLeft: boolean;
} {
  const sides = [difference.changed, difference.removed];
  const inside = sides.map((side) => [...pathsInRepositories(side)]);
  inside.forEach((paths, index) => {
    for (const path of paths) sides[index]?.delete(path);
  });
  return { ...difference, isRepositoryLeft: inside.some((paths) => paths.length > 0) };
}

function* pathsInRepositories(manifest: Manifest): Generator<string, void, undefined> {
  for (const path of manifest.paths()) if (`/${path}/`.includes('/.git/')) yield path;
}

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`;
}
