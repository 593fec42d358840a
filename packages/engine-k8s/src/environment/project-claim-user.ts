import type { ClaimUser } from '../job/claim.ts';
import type { ClaimJob } from '../job/claim-rivals.ts';
import { keepStatusMetadata } from '../job/job-labels.ts';
import { projectMetadata } from '../watch/project-objects.ts';

/** What is kept of a pod that may use a claim: identity, owners, node, the claims that it mounts and where, and whether it is over. */
export function projectClaimPod({ metadata, spec, status }: ClaimUser): ClaimUser {
  const phase = status?.phase;
  return {
    metadata: projectUserMetadata(metadata),
    ...(spec && { spec: projectSpec(spec) }),
    ...(phase !== undefined && { status: { phase } }),
  };
}

/** What is kept of a Job: identity, the claims that its pod mounts and where, and the conditions that hold. */
export function projectClaimJob({ metadata, spec, status }: ClaimJob): ClaimJob {
  const pod = spec?.template?.spec;
  const conditions = (status?.conditions ?? []).filter((condition) => condition.status === 'True');
  return {
    metadata: projectUserMetadata(metadata),
    ...(pod && { spec: { template: { spec: projectSpec(pod) } } }),
    status: { conditions: conditions.map(({ type, status: state }) => ({ type, status: state })) },
  };
}

function projectUserMetadata(metadata: ClaimUser['metadata']): ClaimUser['metadata'] {
  const { ownerReferences } = metadata;
  return { ...projectMetadata(metadata), ...keepStatusMetadata(metadata), ...(ownerReferences && { ownerReferences }) };
}

function projectSpec({
  nodeName,
  volumes = [],
  containers = [],
}: NonNullable<ClaimUser['spec']>): ClaimUser['spec'] & {} {
  const claims = volumes.flatMap(({ name, persistentVolumeClaim: claim }) =>
    claim ? [{ name, persistentVolumeClaim: { claimName: claim.claimName } }] : [],
  );
  const names = new Set(claims.map(({ name }) => name));
  const mounts = containers
    .flatMap(({ volumeMounts = [] }) => volumeMounts)
    .filter(({ name }) => names.has(name))
    .map(({ name, subPath }) => ({ name, ...(subPath !== undefined && { subPath }) }));
  return {
    ...(nodeName !== undefined && { nodeName }),
    ...(claims.length > 0 && { volumes: claims, containers: [{ volumeMounts: mounts }] }),
  };
}
