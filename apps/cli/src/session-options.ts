import { resolve } from 'node:path';
import {
  type Config,
  type ContainerEngine,
  invalidArgument,
  type NetworkPreset,
  type WorkspaceStrategyName,
} from '@recac/engine-core';
import type { OpenSessionOptions } from '@recac/session';
import type { EnvironmentOptions, ProcessOptions } from './options/environment-options.ts';
import { readVariables } from './variables.ts';

const networks: readonly NetworkPreset[] = ['none', 'internet', 'open'];
const strategies: readonly WorkspaceStrategyName[] = ['auto', 'bind', 'host-path', 'pvc', 'git', 'upload', 'none'];

/** What `openSession` needs, from flags. Errors: `RECAC_INVALID_ARGUMENT` naming the flag. */
export async function toSessionOptions(
  options: EnvironmentOptions & ProcessOptions,
  parts: { readonly engine: ContainerEngine; readonly config: Config },
): Promise<OpenSessionOptions> {
  return {
    ...parts,
    environmentVariables: await readVariables(options),
    ...(options.name === undefined ? {} : { name: options.name }),
    ...(options.image === undefined ? {} : { image: options.image }),
    ...(options.user === undefined ? {} : { user: options.user }),
    ...(options.workspace === undefined ? {} : { workspace: resolve(options.workspace) }),
    ...(options.sync === undefined ? {} : { strategy: oneOf('--sync', options.sync, strategies) }),
    ...(options.network === undefined ? {} : { network: oneOf('--network', options.network, networks) }),
    ...toResources(options),
  };
}

function toResources({ cpu, memory }: EnvironmentOptions): Pick<OpenSessionOptions, 'resources'> {
  if (cpu === undefined && memory === undefined) return {};
  return {
    resources: { limits: { ...(cpu === undefined ? {} : { cpu }), ...(memory === undefined ? {} : { memory }) } },
  };
}

function oneOf<Value extends string>(flag: string, value: string, allowed: readonly Value[]): Value {
  const found = allowed.find((candidate) => candidate === value);
  if (found === undefined)
    throw invalidArgument(flag, `must be one of ${allowed.join(', ')}`, `It is ${JSON.stringify(value)}.`);
  return found;
}
