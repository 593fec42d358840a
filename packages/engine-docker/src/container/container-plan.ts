import { type EnvironmentSpec, parseQuantity, toBytes, toEnvironmentName, toMillicores } from '@recac/engine-core';
import type { ContainerCreateOptions, MountSettings } from 'dockerode';
import type { CreatorLabels } from '../creator-labels.ts';
import type { NetworkPlan } from '../network/network-plan.ts';
import { toLabels } from './container-labels.ts';
import { homeDirectory, keepAliveScript, stateDirectory } from './keep-alive-script.ts';
import { toKeptVolume } from './kept-volume.ts';

/** How much is taken from a container beyond Docker's own defaults. */
export type Hardening = 'full' | 'docker-default';

/** What is decided about an environment before its container is described. */
export interface ContainerFacts {
  /** The image in words the daemon takes: a reference, a digest or an id. */
  readonly image: string;
  /** The user, as docker writes it. */
  readonly user: string;
  /** What the network preset asks for. */
  readonly network: NetworkPlan;
  /** The daemon removes the container when it ends. */
  readonly autoRemove: boolean;
  /** How much is taken away. */
  readonly hardening: Hardening;
  /** Tells this attempt from others. */
  readonly attempt: string;
  /** Tells who makes it. */
  readonly creator: CreatorLabels;
  /** The process that begins with the container. */
  readonly firstProcess: readonly string[];
}

/** Where the workspace is, inside. */
export const workspacePath = '/workspace';

/** Limits where a specification names none. */
const defaultLimits = { memory: '8Gi', processes: 4_096, runBytes: 64 * 1_048_576 } as const;

/** The body of the call that creates an environment's container (reliability profile in docs/security.md). */
export function toContainerPlan(spec: EnvironmentSpec, facts: ContainerFacts): ContainerCreateOptions {
  const name = toEnvironmentName(spec.sessionId);
  const lease = spec.leaseMs === undefined ? '0' : String(Math.ceil(spec.leaseMs / 1_000));
  const checkedWorkspace = ['scratch', 'kept'].includes(spec.workspace?.type ?? 'scratch') ? workspacePath : '';
  const keptVolume = toKeptVolume(spec, facts.attempt);
  return {
    name,
    ...(spec.platform === undefined ? {} : { platform: spec.platform }),
    Image: facts.image,
    Entrypoint: ['sh', '-c', keepAliveScript, 'recac', stateDirectory, lease, checkedWorkspace, ...facts.firstProcess],
    Cmd: [],
    User: facts.user,
    WorkingDir: workspacePath,
    Env: toEnvironmentList(spec, facts.user),
    Labels: toLabels(spec, {
      workspacePath,
      network: facts.network,
      attempt: facts.attempt,
      creator: facts.creator,
      ...(keptVolume === undefined ? {} : { keptVolume }),
    }),
    OpenStdin: true,
    StdinOnce: true,
    AttachStdin: true,
    AttachStdout: true,
    AttachStderr: true,
    Tty: false,
    Healthcheck: { Test: ['NONE'] },
    HostConfig: {
      ...toHardening(facts.hardening, facts.network),
      ...toLimits(spec),
      ...facts.network.hostConfig,
      Init: true,
      AutoRemove: facts.autoRemove,
      RestartPolicy: { Name: '' },
      LogConfig: { Type: 'none', Config: {} },
      Mounts: toMounts(spec, keptVolume),
      Tmpfs: toTmpfs(spec, facts.hardening),
    },
  } as ContainerCreateOptions;
}

function isOnVolume({ workspace = { type: 'scratch' } }: Pick<EnvironmentSpec, 'workspace'>): boolean {
  return workspace.type === 'scratch' && workspace.sizeLimitBytes === undefined;
}

function toHardening(hardening: Hardening, { forbiddenCapabilities }: NetworkPlan): Record<string, unknown> {
  if (hardening === 'docker-default') return { CapDrop: forbiddenCapabilities };
  return {
    CapDrop: ['ALL'],
    SecurityOpt: ['no-new-privileges'],
    ReadonlyRootfs: true,
    Ulimits: [{ Name: 'core', Soft: 0, Hard: 0 }],
    IpcMode: 'private',
  };
}

function toLimits({ resources }: EnvironmentSpec): Record<string, unknown> {
  const [cpu, limit] = [resources?.limits?.cpu, resources?.limits?.memory];
  const requested = resources?.requests?.memory;
  const reserved = requested === undefined ? undefined : toBytes(parseQuantity(requested));
  const memory =
    limit === undefined
      ? Math.max(toBytes(parseQuantity(defaultLimits.memory)), reserved ?? 0)
      : toBytes(parseQuantity(limit));
  return {
    Memory: memory,
    MemorySwap: memory,
    PidsLimit: defaultLimits.processes,
    ...(cpu === undefined ? {} : { NanoCpus: toMillicores(parseQuantity(cpu)) * 1_000_000 }),
    ...(reserved === undefined ? {} : { MemoryReservation: reserved }),
  };
}

/** /tmp is a volume, on disk: it holds records and HOME, which in memory would count against the limit. */
function toMounts(
  { workspace = { type: 'scratch' } }: EnvironmentSpec,
  keptVolume: string | undefined,
): MountSettings[] {
  const mounts: MountSettings[] = [{ Type: 'volume', Target: '/tmp', Source: '' }];
  if (workspace.type === 'bind') {
    mounts.push({
      Type: 'bind',
      Source: workspace.hostPath,
      Target: workspacePath,
      ...(workspace.readOnly ? { ReadOnly: true } : {}),
    });
  } else if (workspace.type === 'kept' || keptVolume !== undefined) {
    mounts.push({
      Type: 'volume',
      Target: workspacePath,
      Source: workspace.type === 'kept' ? workspace.id : keptVolume,
    } as MountSettings);
  } else if (isOnVolume({ workspace })) mounts.push({ Type: 'volume', Target: workspacePath, Source: '' });
  return mounts;
}

/** The mode holds only where the image has no such directory (runc keeps that one's): the workspace, which the daemon makes, is repaired. */
function toTmpfs({ workspace }: EnvironmentSpec, hardening: Hardening): Record<string, string> {
  const size = workspace?.type === 'scratch' ? workspace.sizeLimitBytes : undefined;
  return {
    ...(hardening === 'full' ? { '/run': `rw,noexec,nosuid,nodev,mode=1777,size=${defaultLimits.runBytes}` } : {}),
    ...(size === undefined ? {} : { [workspacePath]: `rw,exec,nosuid,nodev,mode=1777,size=${size}` }),
  };
}

function toEnvironmentList(spec: EnvironmentSpec, user: string): string[] {
  const name = user.split(':')[0] ?? user;
  const ours = { HOME: homeDirectory, USER: name === '0' ? 'root' : name, LOGNAME: name === '0' ? 'root' : name };
  return Object.entries({ ...ours, ...spec.environmentVariables }).map(([key, value]) => `${key}=${value}`);
}
