import type {
  ContainerEngine,
  Environment,
  HarvestReport,
  PushOptions,
  TransferReport,
  WorkspaceStrategy,
} from '@recac/engine-core';
import { RecacError } from '@recac/engine-core';
import { toPathText } from '../byte-path.ts';
import type { IgnoreChoice } from '../ignore/ignore-rules.ts';
import { takeReferences } from '../record/session-references.ts';
import { toCarriedMount } from '../strategy/carried-mount.ts';
import { notCarried } from '../strategy/not-carried.ts';
import { nothingMoved } from '../strategy/nothing-moved.ts';
import { resolveDirectory } from '../strategy/resolve-directory.ts';
import { cloneRemote, type ResolvedRemote, resolveRemote, toSeed } from './clone-remote.ts';
import { createSnapshot, type Snapshot, type WrittenTree, writeTree } from './create-snapshot.ts';
import { findGitScript, gitExit } from './environment-scripts.ts';
import { readChoice } from './excluded.ts';
import { fetchWork } from './fetch-work.ts';
import { findBase, findBaseThere } from './find-base.ts';
import type { GitHistory } from './find-history.ts';
import { type FirstPush, pushFirst, snapshotMessage } from './first-push.ts';
import { prepareLater, pushLater } from './later-push.ts';
import { storeOtherWork } from './other-work.ts';
import { readExclude } from './read-exclude.ts';
import { findRepository, type Repository, resolveReference, setReferences, toReferences } from './repository.ts';
import { type GitEnds, listDifference, runGitScript } from './send-snapshot.ts';
import { withSessionTurn } from './session-turn.ts';
import { measureWork } from './work-report.ts';

/** What the git strategy needs. */
export interface GitOptions extends IgnoreChoice {
  /** Engine that the environments run on. */
  readonly engine: ContainerEngine;
  /** Directory of this machine: the top of a repository's working tree. */
  readonly path: string;
  /** History that goes in; a number is that of commits. Default: `none`. */
  readonly history?: GitHistory;
  /** PersistentVolumeClaim that holds the workspace. Default: a scratch directory of the environment. */
  readonly claimName?: string;
  /** The environment clones this by itself, and nothing of the working tree here goes in. Default: the working tree goes in. */
  readonly remote?: string;
  /** Branch of the remote. Default: the one that is checked out here. */
  readonly branch?: string;
  /** Secret of the cluster with the credential of the remote, see `RemoteChoice.secretName`. Default: none. */
  readonly secretName?: string;
  /** The environments cloned a remote already: nothing is pushed to them. Default: false. */
  readonly isCloned?: boolean;
  /** Directory of what this machine remembers of sessions: by that the references of a name are given to the session that works, see `takeReferences`. Default: no two sessions have one name. */
  readonly stateDirectory?: string;
}

/**
 * The strategy `git`: the working tree goes in as one commit, with everything that is not ignored, and the environment has a normal clone on a branch of its
 * own. What comes back lies under `refs/recac/<session>/`, never in the working tree of this machine; `applyWork` and the other commands bring it there.
 */
export function createGitWorkspace(options: GitOptions): GitWorkspace {
  return new GitWorkspace(options);
}

type Call = { readonly signal?: AbortSignal };

/** See {@link createGitWorkspace}. */
export class GitWorkspace implements WorkspaceStrategy {
  readonly name = 'git';
  readonly #options: GitOptions;
  #repository: Repository | undefined;
  /** What this object sent last, so that it need not ask. */
  #sent: { readonly environmentId: string; readonly commit: string } | undefined;
  #excluded: { readonly environmentId: string; readonly exclude: readonly string[] } | undefined;

  constructor(options: GitOptions) {
    this.#options = options;
  }

  async prepare(): ReturnType<WorkspaceStrategy['prepare']> {
    const repository = await this.#open();
    const remote = await this.#findRemote(repository);
    if (remote === undefined)
      await this.#snapshot(repository, await readExclude(repository, this.#options.exclude ?? []));
    const { claimName } = this.#options;
    const mount = toCarriedMount(this.#options.engine, claimName);
    const seed = remote && toSeed(remote);
    return seed === undefined ? mount : { ...mount, seed };
  }

  /** Whether the environment has git. Errors: those of `exec`. */
  async isPossible(environment: Environment, call: Call = {}): Promise<boolean> {
    const result = await runGitScript(await this.#ends(environment, call), findGitScript, []);
    return result.exitCode !== gitExit.noGit;
  }

  async push(environment: Environment, { changedPaths, ...call }: PushOptions = {}): Promise<TransferReport> {
    if (changedPaths?.length === 0 || this.#options.isCloned) return nothingMoved;
    const ends = await this.#ends(environment, call);
    return this.#takeTurn(ends, () => this.#push(ends));
  }

  async pull(environment: Environment, call: Call = {}): Promise<TransferReport> {
    const ends = await this.#ends(environment, call);
    return this.#takeTurn(ends, async () => (await this.#pull(ends)).report);
  }

  async harvest(environment: Environment, call: Call = {}): Promise<HarvestReport> {
    const ends = await this.#ends(environment, call);
    return this.#takeTurn(ends, async () => {
      const { leftOut } = await this.#pull(ends);
      const report = await measureWork(ends.repository, environment.sessionId);
      return leftOut === undefined ? report : { ...report, summary: `${report.summary}; ${leftOut}` };
    });
  }

  async dispose(): Promise<void> {}

  #takeTurn<T>({ repository, environment, signal }: GitEnds, work: () => Promise<T>): Promise<T> {
    const { stateDirectory } = this.#options;
    const take = async (): Promise<T> => {
      if (stateDirectory !== undefined) await takeReferences(repository, environment, stateDirectory);
      return work();
    };
    return withSessionTurn(repository, environment.sessionId, take, signal);
  }

  async #push(ends: GitEnds): Promise<TransferReport> {
    const { repository, environment } = ends;
    const references = toReferences(environment.sessionId);
    const remote = await this.#findRemote(repository);
    if (remote !== undefined) return this.#clone(ends, remote);
    const { include = [] } = this.#options;
    const write = async (): Promise<WrittenTree> =>
      writeTree(repository, { include, exclude: await this.#readExclude(ends), isKnown: true });
    const sentHere = this.#sent?.environmentId === environment.id ? this.#sent.commit : undefined;
    const [base, early] = await Promise.all([
      findBase(ends, this.#options, sentHere),
      sentHere === undefined ? undefined : write(),
    ]);
    const first = base === undefined ? await this.#pushFirst(ends) : { previous: base };
    if ('report' in first) return first.report;
    const { previous } = first;
    const { tree } = early ?? (await write());
    const ready = await prepareLater(ends, { previous, tree });
    const { paths, pointers } = ready.difference;
    if (paths.length === 0) return nothingMoved;
    // A repository that is new inside has to be looked at: it may be no submodule.
    if (pointers.length > 0) await this.#snapshot(repository, await this.#readExclude(ends));
    const { commit, changed, removed, bytes, conflicts } = await pushLater(ends, ready);
    if (commit !== previous) {
      await setReferences(repository, { [references.base]: commit, [references.applied]: undefined });
      this.#sent = { environmentId: environment.id, commit };
    }
    return { changed, removed, bytes, conflicts: conflicts.map(toPathText), skipped: pointers.map(toPathText) };
  }

  async #pull(ends: GitEnds): Promise<{ readonly report: TransferReport; readonly leftOut: string | undefined }> {
    const { repository, environment } = ends;
    const references = toReferences(environment.sessionId);
    const base = (await resolveReference(repository, references.base)) ?? (await this.#findLostBase(ends));
    const before = await resolveReference(repository, references.work);
    // What a session went on from may point to what nobody has: only what it was sent says which pointers are known.
    const have = base === undefined ? [] : [before, base].filter((commit) => commit !== undefined);
    const fetched = await fetchWork(ends, { include: this.#options.include ?? [], have });
    const from = before ?? base;
    // A work that is too large to be listed is named by no reference.
    const { paths = [], removed = [] } = from === undefined ? {} : await listDifference(repository, from, fetched.work);
    await setReferences(repository, { [references.head]: fetched.head, [references.work]: fetched.work });
    const { others } = fetched;
    const found = others.found.filter(({ name, object }) => !name.startsWith('heads/') || !have.includes(object));
    await storeOtherWork(repository, environment.sessionId, { ...others, found });
    if (fetched.nested.length > 0) throw nestedRepositories(environment, fetched.nested);
    if (fetched.problem !== undefined) throw notCarried(environment, fetched.problem);
    const counts = { changed: paths.length - removed.length, removed: removed.length };
    return { report: { ...nothingMoved, ...counts, bytes: fetched.bytes }, leftOut: others.leftOut };
  }

  /** References may have got lost. Where the environment does not say what it was sent either, its work comes back all the same. */
  #findLostBase(ends: GitEnds): Promise<string | undefined> {
    return findBaseThere(ends, this.#options).catch((error: unknown) => {
      if (RecacError.isInstance(error) && error.code === 'RECAC_WORKSPACE_CONFLICT') return undefined;
      throw error;
    });
  }

  async #findRemote(repository: Repository): Promise<ResolvedRemote | undefined> {
    const { remote } = this.#options;
    return remote === undefined ? undefined : resolveRemote(repository, { ...this.#options, remote });
  }

  /** Once for an environment. */
  async #clone(ends: GitEnds, remote: ResolvedRemote): Promise<TransferReport> {
    const environmentId = ends.environment.id;
    if (this.#sent?.environmentId === environmentId) return nothingMoved;
    const report = await cloneRemote(ends, remote);
    this.#sent = { environmentId, commit: '' };
    return report;
  }

  /** A repository that is there already may have what a push which was cut has sent: then the next one goes on from that. */
  async #pushFirst(ends: GitEnds): Promise<FirstPush | { readonly previous: string }> {
    const environmentId = ends.environment.id;
    try {
      const first = await pushFirst(ends, this.#options);
      this.#sent = { environmentId, commit: first.commit };
      this.#excluded = { environmentId, exclude: first.exclude };
      return first;
    } catch (error) {
      if (!RecacError.isInstance(error) || error.details.exitCode !== gitExit.inTheWay) throw error;
      const previous = await findBaseThere(ends, this.#options);
      if (previous === undefined) throw error;
      return { previous };
    }
  }

  #snapshot(repository: Repository, exclude: readonly string[]): Promise<Snapshot> {
    const { include = [] } = this.#options;
    return createSnapshot(repository, { include, exclude, message: snapshotMessage });
  }

  /** What the session began with: an ignore file that changes later does not make what went in look removed. */
  async #readExclude({ repository, environment: { id, sessionId } }: GitEnds): Promise<readonly string[]> {
    if (this.#excluded?.environmentId !== id) {
      const { exclude = this.#options.exclude ?? [] } = await readChoice(repository, sessionId);
      this.#excluded = { environmentId: id, exclude };
    }
    return this.#excluded.exclude;
  }

  async #ends(environment: Environment, call: Call): Promise<GitEnds> {
    return { repository: await this.#open(), engine: this.#options.engine, environment, ...call };
  }

  async #open(): Promise<Repository> {
    this.#repository ??= await findRepository(await resolveDirectory(this.#options.path));
    if (this.#repository !== undefined) return this.#repository;
    const message = `${this.#options.path} is not the top of a git repository. Choose one with --workspace, or use --sync upload.`;
    throw new RecacError('RECAC_WORKSPACE_UNAVAILABLE', message, { details: { path: this.#options.path } });
  }
}

function nestedRepositories({ sessionId }: Environment, nested: readonly string[]): RecacError {
  const message = `the session made a repository inside the workspace, or worked in a submodule, of which git carries only a pointer: ${nested.join(', ')}. Everything else was brought back; copy that with recac cp ${sessionId}:${nested[0]} DIR, then stop with --discard.`;
  return new RecacError('RECAC_WORKSPACE_UNAVAILABLE', message, { details: { paths: nested } });
}
