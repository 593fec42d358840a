import { randomUUID } from 'node:crypto';
import { type EnvironmentSpec, parseImageReference } from '@recac/engine-core';
import { toFacts } from '../attempt-facts.ts';
import { toJob } from '../job/job-plan.ts';
import type { JobSettings } from '../job/job-settings.ts';
import { toNetworkPolicy } from '../job/network-policy.ts';
import { readWorkspaceOwner } from './plan-workspace.ts';

/** The objects that a start would make, without asking the cluster: the Job, and its NetworkPolicy where the preset has one. Errors: `RECAC_INVALID_ARGUMENT`. */
export async function renderEnvironment(spec: EnvironmentSpec, settings: JobSettings): Promise<readonly unknown[]> {
  parseImageReference(spec.image ?? '');
  const facts = { ...toFacts(randomUUID()), ...(await readWorkspaceOwner(spec)) };
  const { job } = toJob(spec, settings, facts);
  const { labels, annotations } = job.metadata;
  const preset = spec.network ?? settings.network ?? 'none';
  const policy = toNetworkPolicy(spec, { namespace: settings.namespace, preset, metadata: { labels, annotations } });
  return policy ? [job, policy] : [job];
}
