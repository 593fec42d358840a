/** An object of flowcontrol.apiserver.k8s.io/v1. */
export interface FlowObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string };
  readonly spec: object;
}

/** The API group of priority and fairness. */
export const flowApiPath = '/apis/flowcontrol.apiserver.k8s.io/v1';

/**
 * Priority and fairness for one user, by the names of their plural: with no shares the API server serves one request at a time, and
 * answers the others with 429 and `Retry-After`. Administrators (`system:masters`) are never limited.
 */
export function limitFlow(name: string, user: string, shares: number): Readonly<Record<string, FlowObject>> {
  const apiVersion = 'flowcontrol.apiserver.k8s.io/v1';
  const metadata = { name };
  const limited = {
    nominalConcurrencyShares: shares,
    lendablePercent: 0,
    borrowingLimitPercent: 0,
    limitResponse: { type: 'Reject' },
  };
  const rules = [
    {
      subjects: [{ kind: 'User', user: { name: user } }],
      resourceRules: [{ verbs: ['*'], apiGroups: ['*'], resources: ['*'], namespaces: ['*'], clusterScope: true }],
      nonResourceRules: [{ verbs: ['*'], nonResourceURLs: ['*'] }],
    },
  ];
  return {
    prioritylevelconfigurations: {
      apiVersion,
      kind: 'PriorityLevelConfiguration',
      metadata,
      spec: { type: 'Limited', limited },
    },
    flowschemas: {
      apiVersion,
      kind: 'FlowSchema',
      metadata,
      spec: { priorityLevelConfiguration: { name }, matchingPrecedence: 50, rules },
    },
  };
}
