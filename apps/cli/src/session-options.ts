import { resolve } from 'node:path';
import {
  type Config,
  type ContainerEngine,
  type NetworkPreset,
  type PullPolicy,
  parseQuantity,
  unsupportedCapability,
  validatePlatform,
  type WorkspaceStrategyName,
} from '@recac/engine-core';
import type { OpenSessionOptions } from '@recac/session';
import { describeSize } from '@recac/workspace-sync';
import { escapeText } from './escape-text.ts';
import type { Io } from './io.ts';
import { oneOf } from './one-of.ts';
import type { EnvironmentOptions, ProcessOptions } from './options/environment-options.ts';
import { readVariables } from './variables.ts';

const pullPolicies: readonly PullPolicy[] = ['if-missing', 'always', 'never'];
const networks: readonly NetworkPreset[] = ['none', 'internet', 'open'];
const strategies: readonly WorkspaceStrategyName[] = ['auto', 'bind', 'host-path', 'pvc', 'git', 'upload', 'none'];

/** What `openSession` needs, from flags. Errors: `RECAC_INVALID_ARGUMENT` naming the flag, `RECAC_CAPABILITY_UNSUPPORTED` for a flag of another engine. */
export async function toSessionOptions(
  options: EnvironmentOptions & ProcessOptions,
  { io, ...parts }: { readonly engine: ContainerEngine; readonly config: Config; readonly io: Io },
): Promise<OpenSessionOptions> {
  refuseForeignFlags(options, parts.engine);
  if (options.platform !== undefined) validatePlatform(options.platform, '--platform');
  return {
    ...parts,
    environmentVariables: await readVariables(options),
    ...(options.name === undefined ? {} : { name: options.name }),
    ...(options.image === undefined ? {} : { image: options.image }),
    ...(options.pull === undefined ? {} : { pullPolicy: oneOf('--pull', options.pull, pullPolicies) }),
    ...(options.platform === undefined ? {} : { platform: options.platform }),
    ...(options.user === undefined ? {} : { user: options.user }),
    ...(options.workspace === undefined ? {} : { workspace: resolve(options.workspace) }),
    ...(options.sync === undefined ? {} : { strategy: oneOf('--sync', options.sync, strategies) }),
    ...(options.network === undefined ? {} : { network: oneOf('--network', options.network, networks) }),
    ...toResources(options),
    ...toConfirmation(options, io),
  };
}

/** Engines of other packages may know the settings of Kubernetes; ours do not. */
function refuseForeignFlags(options: EnvironmentOptions, { backend }: ContainerEngine): void {
  if (options.hardening !== undefined && backend !== 'docker')
    throw unsupportedCapability(backend, '--hardening', 'Leave it out, or use --backend docker.');
  if (backend !== 'docker' && backend !== 'local') return;
  const flags = {
    '--pvc': options.pvc,
    '--service-account': options.serviceAccount,
    '--runtime-class': options.runtimeClass,
  };
  for (const [flag, value] of Object.entries(flags))
    if (value !== undefined) throw unsupportedCapability(backend, flag, 'Leave it out, or use --backend kubernetes.');
}

/** Asks only where somebody sees the question and can answer. */
function toConfirmation({ yes }: EnvironmentOptions, io: Io): Pick<OpenSessionOptions, 'confirmUpload'> {
  if (yes === true) return { confirmUpload: async () => true };
  if (!io.isTerminal('stdin') || !io.isTerminal('stderr')) return {};
  return {
    confirmUpload: async (size, options) => {
      const answer = await io.ask(`the upload is ${escapeText(describeSize(size))}. Send it? [y/N] `, options);
      return /^y(es)?$/i.test(answer.trim());
    },
  };
}

function toResources({ cpu, memory }: EnvironmentOptions): Pick<OpenSessionOptions, 'resources'> {
  if (cpu === undefined && memory === undefined) return {};
  if (cpu !== undefined) parseQuantity(cpu, '--cpu');
  if (memory !== undefined) parseQuantity(memory, '--memory');
  return {
    resources: { limits: { ...(cpu === undefined ? {} : { cpu }), ...(memory === undefined ? {} : { memory }) } },
  };
}
