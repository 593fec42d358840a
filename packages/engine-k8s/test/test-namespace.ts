import { randomUUID } from 'node:crypto';
import type { ContainerEngine, EnvironmentSpec, RecacError } from '@recac/engine-core';
import { expect } from 'vitest';
import type { ApiClient } from '../src/api/api-client.ts';
import { createApiClient } from '../src/api/create-api-client.ts';
import { resolveCluster } from '../src/cluster/resolve-cluster.ts';
import { createKubernetesEngine, type KubernetesEngineOptions } from '../src/index.ts';

/** Image of busybox that the tests run in. */
export const busyboxImage = 'recac-test/busybox:1';

/** Image of Debian: bash, git, and setpriv, runuser, su and chroot. */
export const debianImage = 'recac-test/debian:1';

/** A namespace of a test's own. */
export interface TestNamespace {
  /** Its name. */
  readonly namespace: string;
  /** Calls of the API server, as administrator. */
  readonly client: ApiClient;
  /** An engine on it. */
  readonly engine: ContainerEngine;
  /** Creates an object of the core group, such as `resourcequotas`. */
  create(resource: string, object: object): Promise<void>;
  /** How many Jobs, pods and NetworkPolicies there are. */
  count(): Promise<number>;
}

/** What the namespace of a test is like. */
export interface NamespaceOptions extends KubernetesEngineOptions {
  /** Labels of the namespace, such as its Pod Security level. Default: none. */
  readonly namespaceLabels?: Readonly<Record<string, string>>;
}

const signal = AbortSignal.timeout(600_000);

/** Runs a test in a namespace of its own, and removes that. Nothing of ours may be left in it then. */
export async function inNamespace(
  kubeconfig: string,
  { namespaceLabels = {}, ...options }: NamespaceOptions,
  run: (given: TestNamespace) => Promise<void>,
): Promise<void> {
  const client = createApiClient(await resolveCluster({ kubeconfig }));
  const namespace = `test-${randomUUID().slice(0, 8)}`;
  const metadata = { name: namespace, labels: namespaceLabels };
  await client.request({ method: 'POST', path: '/api/v1/namespaces', body: { metadata }, signal });
  await using engine = createKubernetesEngine({ kubeconfig, namespace, ...options });
  const list = async (path: string): Promise<number> =>
    (
      await client.request<{ items: unknown[] }>({
        method: 'GET',
        path: `${path}/namespaces/${namespace}/${resourceOf(path)}`,
        signal,
      })
    ).items.length;
  const given: TestNamespace = {
    namespace,
    client,
    engine,
    create: async (resource, object) => {
      await client.request({
        method: 'POST',
        path: `/api/v1/namespaces/${namespace}/${resource}`,
        body: object,
        signal,
      });
    },
    count: async () =>
      (await Promise.all(['/apis/batch/v1', '/api/v1', '/apis/networking.k8s.io/v1'].map(list))).reduce(
        (a, b) => a + b,
      ),
  };
  try {
    await run(given);
    await expect.poll(() => given.count(), { timeout: 20_000, message: 'nothing is left' }).toBe(0);
  } finally {
    await client.request({ method: 'DELETE', path: `/api/v1/namespaces/${namespace}`, signal });
    client.close();
  }
}

/** The error of a start that must fail. */
export async function failedStart(
  { engine }: Pick<TestNamespace, 'engine'>,
  specification: Partial<EnvironmentSpec>,
): Promise<RecacError> {
  const sessionId = `fails-${randomUUID()}`;
  const error = await engine
    .startEnvironment({ sessionId, image: busyboxImage, ...specification })
    .then(() => expect.unreachable('it started'))
    .catch((reason: unknown) => reason);
  return error as RecacError;
}

/** The one pod of a namespace: the path of pods, and its name. */
export async function findPod({ client, namespace }: Pick<TestNamespace, 'client' | 'namespace'>) {
  const path = `/api/v1/namespaces/${namespace}/pods`;
  const list = await client.request<{ items: { metadata: { name: string } }[] }>({ method: 'GET', path, signal });
  return { path, name: list.items[0]?.metadata.name };
}

function resourceOf(path: string): string {
  return { '/apis/batch/v1': 'jobs', '/api/v1': 'pods' }[path] ?? 'networkpolicies';
}
