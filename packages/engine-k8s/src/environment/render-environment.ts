import { randomUUID } from 'node:crypto';
import { type EnvironmentSpec, type NetworkPreset, parseImageReference } from '@recac/engine-core';
import { toFacts } from '../attempt-facts.ts';
import { toJob } from '../job/job-plan.ts';
import type { JobSettings } from '../job/job-settings.ts';
import { toNetworkPolicy } from '../job/network-policy.ts';
import { toNewClaim } from '../job/new-claim.ts';
import { readWorkspaceOwner } from './plan-workspace.ts';

/**
 * The objects that a start would make, without asking the cluster: the Job, its NetworkPolicy where the preset has one, and before them the claim that is made where it is missing. `onWarning` is told what a start warns of, and what it
 * adds that only the cluster can tell. Errors: `RECAC_INVALID_ARGUMENT`.
 */
export async function renderEnvironment(
  spec: EnvironmentSpec,
  settings: JobSettings,
  onWarning: (message: string) => void,
): Promise<readonly unknown[]> {
  parseImageReference(spec.image ?? '');
  const facts = { ...toFacts(randomUUID()), ...(await readWorkspaceOwner(spec)) };
  const { job, warnings } = toJob(spec, settings, facts);
  const { labels, annotations } = job.metadata;
  const preset = spec.network ?? settings.network ?? 'none';
  const policy = toNetworkPolicy(spec, { namespace: settings.namespace, preset, metadata: { labels, annotations } });
  for (const warning of [...warnings, ...listAdditions(spec, preset)]) onWarning(warning);
  const { workspace } = spec;
  const isMade = workspace?.type === 'persistentVolumeClaim' && workspace.storage !== undefined;
  const claims = isMade ? [toNewClaim(workspace.claimName, workspace.storage, settings.namespace)] : [];
  return [...claims, job, ...(policy ? [policy] : [])];
}

function listAdditions({ workspace }: EnvironmentSpec, preset: NetworkPreset): readonly string[] {
  const additions: string[] = [];
  if (workspace?.type === 'persistentVolumeClaim') {
    if (workspace.storage !== undefined)
      additions.push(`a start makes the claim ${workspace.claimName} only where there is none of that name`);
    additions.push(
      `where the claim ${workspace.claimName} is in use on a node and can be on one only, a start adds a node affinity for that node to the Job, and waits for sessions that are ending there`,
    );
  }
  if (preset === 'internet')
    additions.push('a start adds the addresses of the API server to what the NetworkPolicy leaves out');
  if (preset !== 'open')
    additions.push(
      'a start makes the Job the owner of the NetworkPolicy, which goes with it; one that you apply stays until you delete it',
    );
  return additions;
}
