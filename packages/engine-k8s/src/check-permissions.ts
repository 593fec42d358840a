import { RecacError } from '@recac/engine-core';
import type { ClusterNamespace } from './environment/cluster-namespace.ts';
import { listAccessChecks, type MissingPermission, toRole } from './permissions.ts';

interface AccessReview {
  readonly status?: { readonly allowed?: boolean };
}

/**
 * Asks for every right that the engine uses, and gives those that only part of it needs and that are missing. Errors: `RECAC_PERMISSION_DENIED` with a Role
 * that is ready to apply when one is missing without which nothing works.
 */
export async function checkPermissions(
  { client, namespace }: ClusterNamespace,
  signal: AbortSignal,
): Promise<readonly MissingPermission[]> {
  const checks = await Promise.all(
    listAccessChecks().map(async (check) => {
      const [resource, subresource] = check.resource.split('/');
      const resourceAttributes = {
        namespace,
        verb: check.verb,
        group: check.group,
        resource,
        ...(subresource === undefined ? {} : { subresource }),
      };
      const review = await client.request<AccessReview>({
        method: 'POST',
        path: '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews',
        body: {
          apiVersion: 'authorization.k8s.io/v1',
          kind: 'SelfSubjectAccessReview',
          spec: { resourceAttributes },
        },
        idempotent: true,
        signal,
      });
      return { ...check, isAllowed: review.status?.allowed === true };
    }),
  );
  const missing = checks.filter(({ isAllowed }) => !isAllowed);
  const needed = missing.filter(({ isOptional }) => !isOptional);
  if (needed.length === 0) return missing;
  const names = needed.map(({ verb, resource }) => `${verb} ${resource}`).join(', ');
  const role = toRole(namespace, missing);
  throw new RecacError(
    'RECAC_PERMISSION_DENIED',
    `you lack rights in namespace ${namespace}: ${names}. Ask for this Role, bound to you:\n${role}`,
    { details: { namespace, missing: missing.map(({ verb, resource, group }) => ({ verb, resource, group })), role } },
  );
}
