import { posix } from 'node:path';
import {
  invalidArgument,
  validateObjectName,
  type WorkspaceMount,
  type WorkspaceSeed,
  type WorkspaceStorage,
} from '@recac/engine-core';
import { homeDirectory, runDirectory } from './keep-alive-script.ts';
import { toClaimSpec } from './new-claim.ts';
import type { Volume, VolumeMount } from './pod-template.ts';

/** Where the workspace is, inside. */
export const workspacePath = '/workspace';

/** What the names of our volumes begin with; nobody else's may. */
export const ownVolumePrefix = 'recac-';

/** Volumes of a pod and where our container sees them. */
export interface PodVolumes {
  /** Volumes. */
  readonly volumes: readonly Volume[];
  /** Mounts of our container. */
  readonly volumeMounts: readonly VolumeMount[];
  /** What fills the workspace first. Default: nothing. */
  readonly seed?: SeedPlan;
}

/** A container that fills the workspace. */
export interface SeedPlan {
  /** What it runs. */
  readonly command: readonly string[];
  /** What it sees: the workspace, HOME and /tmp, and the Secret, which the agent's container does not. */
  readonly volumeMounts: readonly VolumeMount[];
}

/** Largest size of each directory on the node's disk; one that is exceeded ends the environment. */
const sizeLimits = { workspace: '10Gi', tmp: '10Gi', records: '10Gi', home: '10Gi', run: '64Mi' } as const;

/**
 * The writable directories of an environment: workspace, records, HOME, /tmp and /run. Each is a volume of its own, since the kubelet makes them before the
 * first process, writable for all. Errors: `RECAC_INVALID_ARGUMENT`, field `workspace.…`.
 */
export function toPodVolumes(workspace: WorkspaceMount = { type: 'scratch' }): PodVolumes {
  const entries = [
    toWorkspace(workspace),
    toScratch('tmp', '/tmp', sizeLimits.tmp),
    toScratch('records', runDirectory, sizeLimits.records),
    toScratch('home', homeDirectory, sizeLimits.home),
    toScratch('run', '/run', sizeLimits.run),
  ];
  const volumes = entries.map(({ volume }) => volume);
  const volumeMounts = entries.map(({ mount }) => mount);
  const seed = workspace.type === 'bind' || workspace.type === 'kept' ? undefined : workspace.seed;
  if (seed === undefined) return { volumes, volumeMounts };
  const secret = toSecret(seed);
  const shared = volumeMounts.filter(({ mountPath }) => [workspacePath, homeDirectory, '/tmp'].includes(mountPath));
  return {
    volumes: [...volumes, secret.volume],
    volumeMounts,
    seed: { command: seed.command, volumeMounts: [...shared, secret.mount] },
  };
}

/** Readable for the pod's group, which `fsGroup` makes the owner, and for nobody else. */
function toSecret({ secretName, secretPath }: WorkspaceSeed): Entry {
  validateObjectName(secretName, 'workspace.seed.secretName');
  const name = `${ownVolumePrefix}secret`;
  return {
    volume: { name, secret: { secretName, defaultMode: 0o440 } },
    mount: { name, mountPath: secretPath, readOnly: true },
  };
}

interface Entry {
  readonly volume: Volume;
  readonly mount: VolumeMount;
}

function toScratch(suffix: string, mountPath: string, sizeLimit: string): Entry {
  const name = ownVolumePrefix + suffix;
  return { volume: { name, emptyDir: { sizeLimit } }, mount: { name, mountPath } };
}

/** The cluster makes the claim with the pod, which owns it and takes it along; no right on claims is needed. */
function toEphemeral(storage: WorkspaceStorage): Record<string, unknown> {
  return { ephemeral: { volumeClaimTemplate: { spec: toClaimSpec(storage) } } };
}

function toWorkspace(workspace: WorkspaceMount): Entry {
  const name = `${ownVolumePrefix}workspace`;
  const mount = { name, mountPath: workspacePath };
  switch (workspace.type) {
    case 'scratch':
      if (workspace.storage) return { volume: { name, ...toEphemeral(workspace.storage) }, mount };
      return toScratch('workspace', workspacePath, String(workspace.sizeLimitBytes ?? sizeLimits.workspace));
    case 'kept':
      throw invalidArgument('workspace.type', 'cannot be kept: a cluster keeps no workspaces', 'Name a claim instead.');
    case 'bind': {
      checkHostPath(workspace.hostPath);
      // Without a type the runtime makes a missing directory, and the workspace is silently empty.
      const volume = { name, hostPath: { path: workspace.hostPath, type: 'Directory' } };
      return { volume, mount: workspace.readOnly ? { ...mount, readOnly: true } : mount };
    }
    case 'persistentVolumeClaim': {
      validateObjectName(workspace.claimName, 'workspace.claimName');
      const { claimName, subPath, storage } = workspace;
      if (storage !== undefined) toClaimSpec(storage);
      const volume = { name, persistentVolumeClaim: { claimName } };
      if (subPath === undefined) return { volume, mount };
      checkSubPath(subPath);
      return { volume, mount: { ...mount, subPath } };
    }
  }
}

/** Where the container runtime and the kubelet of a node listen. */
const nodeSockets = [
  '/run/containerd/containerd.sock',
  '/run/crio/crio.sock',
  '/run/cri-dockerd.sock',
  '/run/docker.sock',
  '/run/k3s/containerd/containerd.sock',
  '/run/podman/podman.sock',
  '/var/run/docker.sock',
  '/var/lib/kubelet/device-plugins/kubelet.sock',
] as const;

function checkHostPath(path: string): void {
  const field = 'workspace.hostPath';
  const nextStep = 'Name a project directory as the node sees it.';
  if (!posix.isAbsolute(path)) throw invalidArgument(field, 'must be an absolute path of the node', nextStep);
  if (path.split('/').includes('..')) throw invalidArgument(field, 'must not hold ".."', nextStep);
  const directory = posix.normalize(`${path}/`);
  if (directory === '/') throw invalidArgument(field, 'must not be the whole file system', nextStep);
  const socket = nodeSockets.find((place) => place.startsWith(directory));
  if (socket !== undefined)
    throw invalidArgument(field, `must not hold ${socket}: whoever reaches it is root on the node`, nextStep);
}

function checkSubPath(path: string): void {
  const field = 'workspace.subPath';
  const nextStep = 'Name a directory of the volume, such as sessions/fix-login.';
  if (path === '' || posix.isAbsolute(path)) throw invalidArgument(field, 'must be a relative path', nextStep);
  if (path.split('/').includes('..')) throw invalidArgument(field, 'must not hold ".."', nextStep);
}
