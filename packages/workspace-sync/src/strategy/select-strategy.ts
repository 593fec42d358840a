import {
  type ContainerEngine,
  type Environment,
  invalidArgument,
  type LocalCluster,
  type PushOptions,
  RecacError,
  type TransferReport,
  type WorkspaceStrategy,
  type WorkspaceStrategyName,
} from '@recac/engine-core';
import type { GitHistory } from '../git/find-history.ts';
import { createGitWorkspace, type GitWorkspace } from '../git/git-workspace.ts';
import { findRepository } from '../git/repository.ts';
import type { IgnoreChoice } from '../ignore/ignore-rules.ts';
import { createUploadWorkspace, type UploadOptions } from '../upload/upload-workspace.ts';
import { createBindWorkspace } from './bind-workspace.ts';
import { createClaimWorkspace } from './claim-workspace.ts';
import { resolveDirectory } from './resolve-directory.ts';
import { createScratchWorkspace } from './scratch-workspace.ts';

/** The strategies that exist, besides `auto`. */
const availableStrategies: readonly WorkspaceStrategyName[] = ['git', 'upload', 'bind', 'host-path', 'pvc', 'none'];

/** What a workspace strategy is chosen from. */
export interface WorkspaceChoice extends IgnoreChoice {
  /** The strategy asked for. `auto`: `git` where a remote is named, `pvc` where the engine can and a claim is named, `git` at the top of a repository, else `upload`. */
  readonly strategy: WorkspaceStrategyName;
  /** Directory of this machine. */
  readonly path: string;
  /** File that remembers what both sides of an upload had in common; called once the environment is known. */
  readonly toBasePath: (environment: Environment) => string;
  /** With `git`: directory of what this machine remembers of sessions, see `GitOptions.stateDirectory`. Default: no two sessions have one name. */
  readonly stateDirectory?: string;
  /** PersistentVolumeClaim that holds the workspaces. Default: none. */
  readonly claimName?: string;
  /** What makes it likely that the engine's machine sees this one's files; see `EngineInfo.localCluster`. A hint that only adds words. */
  readonly localCluster?: LocalCluster;
  /** History that goes in with `git`. Default: `none`. */
  readonly history?: GitHistory;
  /** With `git`: what the environment clones by itself, see `GitOptions.remote`. Default: the working tree goes in. */
  readonly remote?: string;
  /** With `remote`: the Secret with its credential; counts where the engine can mount claims. Default: none. */
  readonly gitSecret?: string;
  /** With `git`: the environments cloned a remote already, so nothing is pushed to them. Default: false. */
  readonly isCloned?: boolean;
  /** With `remote`: its branch. Default: the one that is checked out here. */
  readonly branch?: string;
  /** Most bytes that an upload sends. Default: 1 GiB. */
  readonly uploadLimitBytes?: number;
  /** Asked before an upload of more than that. Default: it is refused. */
  readonly confirmUpload?: UploadOptions['confirm'];
  /** Told when something else than what was asked for is done, and why. */
  readonly onNotice?: (message: string) => void;
}

/** A strategy, and why it is this one. */
export interface ChosenWorkspace {
  /** The strategy. */
  readonly strategy: WorkspaceStrategy;
  /** Half a sentence, such as `the directory is a git repository`. */
  readonly reason: string;
  /** What to do where the environment turns out not to see this machine's directory. Default: nothing, the error stands. */
  readonly fallback?: () => Promise<ChosenWorkspace>;
}

/**
 * The strategy for an engine. Errors: `RECAC_CAPABILITY_UNSUPPORTED`, naming the strategies that would work, when the engine cannot carry it out;
 * `RECAC_INVALID_ARGUMENT` for a remote with another strategy than `git` or `auto`, and a branch without one; `RECAC_WORKSPACE_UNAVAILABLE` for a directory that cannot be a workspace. What was asked for is replaced in two cases, and both are said: `git` by `upload` where the
 * environment has no git, `bind` and `host-path` by what `auto` takes where the environment does not see this machine's directory.
 */
export async function selectWorkspaceStrategy(
  choice: WorkspaceChoice,
  engine: ContainerEngine,
): Promise<ChosenWorkspace> {
  const { claimName, strategy } = choice;
  checkRemote(choice);
  const canClaim = engine.capabilities.persistentVolumeClaimMount && claimName !== undefined;
  if (strategy === 'auto') return choose(choice, engine, canClaim ? claimName : undefined);
  const reason = 'it was asked for';
  if (strategy === 'none') return { strategy: createScratchWorkspace(), reason };
  if (strategy === 'pvc' && canClaim) return { strategy: createClaimWorkspace(claimName), reason };
  if ((strategy === 'bind' || strategy === 'host-path') && engine.capabilities.bindMount)
    return {
      strategy: createBind(choice, engine, strategy),
      reason,
      fallback: () => choose(choice, engine, undefined),
    };
  if (strategy === 'git') return { strategy: createRepositoryWorkspace(choice, engine), reason };
  if (strategy === 'upload') return { strategy: createUpload(choice, engine), reason };
  throw unsupportedStrategy(strategy, engine);
}

/** What is cloned is cloned by git: with anything else a remote would be left out in silence. */
function checkRemote({ strategy, remote, branch, isCloned }: WorkspaceChoice): void {
  if (remote !== undefined && strategy !== 'auto' && strategy !== 'git')
    throw invalidArgument(
      'workspace.remote',
      `does not go with the strategy ${strategy}`,
      'Use --sync git, or leave --remote out.',
    );
  if (branch !== undefined && remote === undefined && !isCloned)
    throw invalidArgument('workspace.branch', 'needs a remote', 'Name one with --remote, or leave --branch out.');
}

async function choose(
  choice: WorkspaceChoice,
  engine: ContainerEngine,
  claimName: string | undefined,
): Promise<ChosenWorkspace> {
  if (choice.remote !== undefined)
    return { strategy: createRepositoryWorkspace(choice, engine), reason: 'workspace.remote names what to clone' };
  if (claimName !== undefined)
    return { strategy: createClaimWorkspace(claimName), reason: 'kubernetes.pvc_name names a claim' };
  const directory = await resolveDirectory(choice.path);
  const { name } = choice.localCluster ?? {};
  const hint =
    name === undefined || choice.strategy !== 'auto'
      ? ''
      : ` (this looks like ${name}: --sync host-path tries to work in the directory itself)`;
  if (await isRepository(directory))
    return { strategy: createRepositoryWorkspace(choice, engine), reason: `the directory is a git repository${hint}` };
  return { strategy: createUpload(choice, engine), reason: `the directory is not the top of a git repository${hint}` };
}

function createBind(
  { path, onNotice }: WorkspaceChoice,
  engine: ContainerEngine,
  name: 'bind' | 'host-path',
): WorkspaceStrategy {
  return createBindWorkspace({ engine, path, name, ...(onNotice === undefined ? {} : { onNotice }) });
}

/** A machine without git has no repositories for us. */
async function isRepository(directory: string): Promise<boolean> {
  const found = await findRepository(directory).catch((error: unknown) => {
    if (RecacError.isInstance(error) && error.code === 'RECAC_WORKSPACE_UNAVAILABLE') return undefined;
    throw error;
  });
  return found !== undefined;
}

function createUpload(choice: WorkspaceChoice, engine: ContainerEngine): WorkspaceStrategy {
  const { path, toBasePath, include, exclude, claimName, uploadLimitBytes, confirmUpload } = choice;
  return createUploadWorkspace({
    engine,
    path,
    toBasePath,
    ignoreFiles: ['.gitignore', '.recacignore'],
    ...(include === undefined ? {} : { include }),
    ...(exclude === undefined ? {} : { exclude }),
    ...(claimName === undefined || !engine.capabilities.persistentVolumeClaimMount ? {} : { claimName }),
    ...(uploadLimitBytes === undefined ? {} : { limitBytes: uploadLimitBytes }),
    ...(confirmUpload === undefined ? {} : { confirm: confirmUpload }),
  });
}

function createRepositoryWorkspace(choice: WorkspaceChoice, engine: ContainerEngine): WorkspaceStrategy {
  const { path, include, exclude, claimName, history, remote, branch, isCloned, gitSecret, stateDirectory } = choice;
  const git = createGitWorkspace({
    engine,
    path,
    ...(include === undefined ? {} : { include }),
    ...(exclude === undefined ? {} : { exclude }),
    ...(history === undefined ? {} : { history }),
    ...(remote === undefined ? {} : { remote }),
    ...(branch === undefined ? {} : { branch }),
    ...(isCloned === undefined ? {} : { isCloned }),
    ...(stateDirectory === undefined ? {} : { stateDirectory }),
    ...(gitSecret === undefined || !engine.capabilities.persistentVolumeClaimMount ? {} : { secretName: gitSecret }),
    ...(claimName === undefined || !engine.capabilities.persistentVolumeClaimMount ? {} : { claimName }),
  });
  // An upload of this machine's files would be something else than what was asked for.
  if (remote !== undefined || isCloned) return git;
  return new FallbackWorkspace(git, createUpload(choice, engine), choice.onNotice ?? ((): void => {}));
}

type Call = { readonly signal?: AbortSignal };

/** `git`, until the environment turns out to have none. */
class FallbackWorkspace implements WorkspaceStrategy {
  readonly #git: GitWorkspace;
  readonly #upload: WorkspaceStrategy;
  readonly #onNotice: (message: string) => void;
  #current: WorkspaceStrategy;
  #isSettled = false;

  constructor(git: GitWorkspace, upload: WorkspaceStrategy, onNotice: (message: string) => void) {
    this.#git = git;
    this.#upload = upload;
    this.#onNotice = onNotice;
    this.#current = git;
  }

  get name(): WorkspaceStrategyName {
    return this.#current.name;
  }

  prepare(call: Call = {}): ReturnType<WorkspaceStrategy['prepare']> {
    return this.#current.prepare(call);
  }

  async push(environment: Environment, call: PushOptions = {}): Promise<TransferReport> {
    if (!this.#isSettled && !(await this.#git.isPossible(environment, call))) {
      this.#current = this.#upload;
      this.#onNotice(
        'the environment has no git: the files are uploaded, and what changes comes back into the directory',
      );
      await this.#upload.prepare(call);
    }
    this.#isSettled = true;
    return this.#current.push(environment, call);
  }

  pull(environment: Environment, call: Call = {}): Promise<TransferReport> {
    return this.#current.pull(environment, call);
  }

  harvest(environment: Environment, call: Call = {}): ReturnType<WorkspaceStrategy['harvest']> {
    return this.#current.harvest(environment, call);
  }

  async dispose(): Promise<void> {
    await this.#git.dispose();
    await this.#upload.dispose();
  }
}

function unsupportedStrategy(strategy: WorkspaceStrategyName, engine: ContainerEngine): RecacError {
  const { bindMount, persistentVolumeClaimMount } = engine.capabilities;
  if (strategy === 'pvc' && persistentVolumeClaimMount)
    throw invalidArgument('kubernetes.pvc_name', 'must name a claim for the strategy pvc', 'Name one with --pvc.');
  // Without a claim, `pvc` is no way out.
  const possible = availableStrategies.filter(
    (name) => name !== 'pvc' && ((name !== 'bind' && name !== 'host-path') || bindMount),
  );
  const message = `the workspace strategy ${strategy} is not available on the ${engine.backend} engine. Use one that is: ${possible.join(', ')} (--sync ${possible[0]}).`;
  return new RecacError('RECAC_CAPABILITY_UNSUPPORTED', message, {
    details: { capability: 'bindMount', strategy, backend: engine.backend, available: possible },
  });
}
