import { resolve } from 'node:path';
import {
  abortedError,
  type Config,
  type ContainerEngine,
  invalidArgument,
  type NetworkPreset,
  type PullPolicy,
  parseQuantity,
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

/** What `openSession` needs, from flags. Errors: `RECAC_INVALID_ARGUMENT` naming the flag. */
export async function toSessionOptions(
  options: EnvironmentOptions & ProcessOptions,
  { io, ...parts }: { readonly engine: ContainerEngine; readonly config: Config; readonly io: Io },
): Promise<OpenSessionOptions> {
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

/** What answers for an upload of more than the limit: `--yes`, or whoever sits at the terminal; nothing where nobody sees the question or can answer. */
export function toConfirmation(
  { yes }: Pick<EnvironmentOptions, 'yes'>,
  io: Io,
): Pick<OpenSessionOptions, 'confirmUpload'> {
  if (yes === true) return { confirmUpload: async () => true };
  if (!io.isTerminal('stdin') || !io.isTerminal('stderr')) return {};
  return {
    confirmUpload: async (size, options) => {
      const question = `the upload is ${escapeText(describeSize(size))}. Send it? [y/N] `;
      const answer = await io.ask(question, options).catch((error: unknown) => {
        throw options.signal?.aborted ? abortedError('the upload', options.signal.reason) : error;
      });
      return /^y(es)?$/i.test(answer.trim());
    },
  };
}

function toResources({ cpu, memory }: EnvironmentOptions): Pick<OpenSessionOptions, 'resources'> {
  if (cpu === undefined && memory === undefined) return {};
  if (cpu !== undefined) checkLimit(cpu, '--cpu');
  if (memory !== undefined) checkLimit(memory, '--memory');
  return {
    resources: { limits: { ...(cpu === undefined ? {} : { cpu }), ...(memory === undefined ? {} : { memory }) } },
  };
}

/** An engine takes a limit of nothing for no limit. */
function checkLimit(text: string, flag: string): void {
  if (parseQuantity(text, flag).nano === 0n)
    throw invalidArgument(flag, 'must be more than 0', 'Leave it out for what the engine gives.');
}
