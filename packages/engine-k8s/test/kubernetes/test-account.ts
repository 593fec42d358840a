import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ApiClient } from '../../src/api/api-client.ts';
import { permissions } from '../../src/permissions.ts';

const signal = AbortSignal.timeout(600_000);
const rbac = (namespace: string) => `/apis/rbac.authorization.k8s.io/v1/namespaces/${namespace}`;

/** A service account with the rights of docs/kubernetes.md, and tokens of it that end when one wants. */
export interface TestAccount {
  /** A token that is good until {@link revoke}. */
  token(name: string): Promise<string>;
  /** Ends a token; resolves when the API server, which remembers tokens for seconds, refuses it. */
  revoke(name: string): Promise<void>;
  /** Takes every right away. */
  removeRights(): Promise<void>;
  /** A kubeconfig of a user on this cluster, as a file in the directory. */
  kubeconfig(directory: string, user: object, cluster?: object): Promise<string>;
}

/** Makes the account `runner` in a namespace. `without`: a resource that it has no right on, or one verb and a resource, as in `create jobs`. */
export async function createAccount(
  client: ApiClient,
  namespace: string,
  admin: string,
  { without }: { readonly without?: string } = {},
): Promise<TestAccount> {
  const post = <Answer>(path: string, body: object): Promise<Answer> =>
    client.request<Answer>({ method: 'POST', path, body, signal });
  const core = `/api/v1/namespaces/${namespace}`;
  await post(`${core}/serviceaccounts`, { metadata: { name: 'runner' } });
  const granted = permissions.filter(({ resource }) => resource !== without);
  const rules = granted.map(({ group, resource, verbs }) => ({
    apiGroups: [group],
    resources: [resource],
    verbs: verbs.filter((verb) => `${verb} ${resource}` !== without),
  }));
  await post(`${rbac(namespace)}/roles`, { metadata: { name: 'recac' }, rules });
  await post(`${rbac(namespace)}/rolebindings`, {
    metadata: { name: 'recac' },
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: 'recac' },
    subjects: [{ kind: 'ServiceAccount', name: 'runner', namespace }],
  });
  const tokens = new Map<string, string>();
  return {
    token: async (name) => {
      const secret = await post<{ metadata: { uid: string } }>(`${core}/secrets`, { metadata: { name } });
      const boundObjectRef = { kind: 'Secret', apiVersion: 'v1', name, uid: secret.metadata.uid };
      const spec = { expirationSeconds: 600, boundObjectRef };
      const { status } = await post<{ status: { token: string } }>(`${core}/serviceaccounts/runner/token`, { spec });
      tokens.set(name, status.token);
      return status.token;
    },
    revoke: async (name) => {
      await client.request({ method: 'DELETE', path: `${core}/secrets/${name}`, signal });
      for (;;) {
        const review = await post<{ status: { authenticated?: boolean } }>(
          '/apis/authentication.k8s.io/v1/tokenreviews',
          { spec: { token: tokens.get(name) } },
        );
        if (!review.status.authenticated) return;
        await new Promise((resolve) => setTimeout(resolve, 200));
      }
    },
    removeRights: async () => {
      await client.request({ method: 'DELETE', path: `${rbac(namespace)}/rolebindings/recac`, signal });
    },
    kubeconfig: async (directory, user, cluster = {}) => {
      const { clusters } = JSON.parse(await readFile(admin, 'utf8')) as { clusters: [{ cluster: object }] };
      const path = join(directory, 'kubeconfig');
      const content = {
        apiVersion: 'v1',
        kind: 'Config',
        'current-context': 'runner',
        clusters: [{ name: 'test', cluster: { ...clusters[0].cluster, ...cluster } }],
        users: [{ name: 'runner', user }],
        contexts: [{ name: 'runner', context: { cluster: 'test', user: 'runner', namespace } }],
      };
      await writeFile(path, JSON.stringify(content));
      return path;
    },
  };
}
