import { RecacError } from '@recac/engine-core';
import type { ClusterNamespace } from './environment/cluster-namespace.ts';
import { listAccessChecks, type MissingPermission, toRole } from './permissions.ts';

interface AccessReview {
  readonly status?: { readonly allowed?: boolean };
}

/** Which rights there are. */
export interface CheckedPermissions {
  /** All that are missing, also those that only part of the engine needs. */
  readonly missing: readonly MissingPermission[];
  /** What a start is refused with: `RECAC_PERMISSION_DENIED` with a Role that is ready to apply. Undefined: none is missing without which no environment could be used. */
  readonly refusal?: RecacError;
}

/** Asks for every right that the engine uses. Who lacks some may still do what the others allow. */
export async function checkPermissions(
  { client, namespace }: ClusterNamespace,
  signal: AbortSignal,
): Promise<CheckedPermissions> {
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
  return needed.length === 0 ? { missing } : { missing, refusal: toStartRefusal(namespace, needed, missing) };
}

function toStartRefusal(
  namespace: string,
  needed: readonly MissingPermission[],
  missing: readonly MissingPermission[],
): RecacError {
  const names = needed.map(({ verb, resource }) => `${verb} ${resource}`).join(', ');
  const role = toRole(namespace, missing);
  return new RecacError(
    'RECAC_PERMISSION_DENIED',
    `you lack rights to start environments in namespace ${namespace}: ${names}. Ask for this Role, bound to you:\n${role}`,
    { details: { namespace, missing: missing.map(({ verb, resource, group }) => ({ verb, resource, group })), role } },
  );
}
