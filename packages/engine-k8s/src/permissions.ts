/** Rights on one kind of object. */
export interface Permission {
  /** API group; empty for the core group. */
  readonly group: string;
  /** Resource, with its subresource where there is one: `pods/exec`. */
  readonly resource: string;
  /** Verbs that we use. */
  readonly verbs: readonly string[];
  /** What it is for, in a few words. */
  readonly usedFor: string;
  /** Without it only that does not work. Default: false, nothing works. */
  readonly isOptional?: boolean;
  /** Without it no call fails, only less is told: so somebody has to say so. Default: false. */
  readonly isSilent?: boolean;
}

/** A right outside of the namespace of the environments. */
export interface WiderPermission extends Pick<Permission, 'group' | 'resource' | 'verbs' | 'usedFor'> {
  /** Where it is asked for; undefined: in the whole cluster. */
  readonly namespace?: string;
}

/** Rights that are tried where they belong to nobody's namespace: without them less is known, and nothing fails. No Role of ours has them. */
export const widerPermissions: readonly WiderPermission[] = [
  { group: '', resource: 'nodes', verbs: ['list'], usedFor: 'refusing the image of a platform that no node has' },
  {
    group: 'discovery.k8s.io',
    resource: 'endpointslices',
    verbs: ['list'],
    usedFor: 'closing the network preset internet to the API server',
    namespace: 'default',
  },
];

/** Every right that the engine uses in the namespace of the environments; beside these it only tries {@link widerPermissions}. */
export const permissions: readonly Permission[] = [
  {
    group: 'batch',
    resource: 'jobs',
    verbs: ['create', 'get', 'list', 'watch', 'patch', 'delete'],
    usedFor: 'environments',
  },
  { group: '', resource: 'pods', verbs: ['get', 'list', 'watch'], usedFor: 'environments' },
  // Servers up to 1.34 ask for `get` when exec comes over a WebSocket, later ones for `create`.
  { group: '', resource: 'pods/exec', verbs: ['create', 'get'], usedFor: 'commands' },
  {
    group: '',
    resource: 'pods/log',
    verbs: ['get'],
    usedFor: 'the causes of failures',
    isOptional: true,
    isSilent: true,
  },
  {
    group: '',
    resource: 'events',
    verbs: ['list', 'watch'],
    usedFor: 'the causes of failures, and quick starts',
    isOptional: true,
    isSilent: true,
  },
  { group: '', resource: 'pods/portforward', verbs: ['create', 'get'], usedFor: 'ports', isOptional: true },
  {
    group: '',
    resource: 'persistentvolumeclaims',
    verbs: ['get', 'create'],
    usedFor: 'workspaces on a claim',
    isOptional: true,
  },
  {
    group: 'networking.k8s.io',
    resource: 'networkpolicies',
    verbs: ['create', 'get', 'update'],
    usedFor: 'the network presets none and internet',
    isOptional: true,
  },
];

/** One verb on one resource. */
export type MissingPermission = Pick<Permission, 'group' | 'resource'> & {
  /** The verb. */
  readonly verb: string;
};

/** What to put into a SelfSubjectAccessReview, one for each verb. */
export function listAccessChecks(): readonly (MissingPermission & { readonly isOptional: boolean })[] {
  return permissions.flatMap(({ group, resource, verbs, isOptional = false }) =>
    verbs.map((verb) => ({ group, resource, verb, isOptional })),
  );
}

/** Sentences on missing rights that no call of ours would name: less is known without them. */
export function warnOfMissing(missing: readonly MissingPermission[], namespace: string): readonly string[] {
  return permissions.flatMap(({ group, resource, usedFor, isSilent = false }) => {
    const verbs = missing.filter((one) => one.group === group && one.resource === resource).map(({ verb }) => verb);
    if (!isSilent || verbs.length === 0) return [];
    return [
      `you lack the right to ${verbs.join(' and ')} ${resource} in namespace ${namespace}, which recac uses for ${usedFor}: a start that fails may not say why`,
    ];
  });
}

/** A Role with the rights that are missing, as YAML that `kubectl apply` takes; whoever hands it out binds it. */
export function toRole(namespace: string, missing: readonly MissingPermission[]): string {
  const rules = new Map<string, { readonly group: string; readonly resource: string; readonly verbs: string[] }>();
  for (const { group, resource, verb } of missing) {
    const key = `${group}/${resource}`;
    const rule = rules.get(key) ?? { group, resource, verbs: [] };
    if (!rule.verbs.includes(verb)) rule.verbs.push(verb);
    rules.set(key, rule);
  }
  const lines = [...rules.values()].map(
    ({ group, resource, verbs }) =>
      `  - apiGroups: [${JSON.stringify(group)}]\n    resources: [${JSON.stringify(resource)}]\n    verbs: [${verbs.join(', ')}]\n`,
  );
  return `apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata:
  name: recac
  namespace: ${JSON.stringify(namespace)}
rules:${lines.length === 0 ? ' []\n' : `\n${lines.join('')}`}`;
}
