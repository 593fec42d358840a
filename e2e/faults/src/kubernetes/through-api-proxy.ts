import { randomUUID } from 'node:crypto';
import { type ApiCall, callApi, readConnection } from '@recac/e2e-cluster';
import type { ContainerEngine, EnvironmentSpec } from '@recac/engine-core';
import { createKubernetesEngine } from '@recac/engine-k8s';
import { expect, vi } from 'vitest';
import { image } from '../through-proxy.ts';
import { type ApiProxy, startApiProxy } from './api-proxy.ts';

/** What a test gets whose engine reaches the cluster through a proxy, in a namespace of its own. */
export interface BehindApiProxy {
  readonly engine: ContainerEngine;
  readonly proxy: ApiProxy;
  /** Asks the API server past the proxy. */
  call<Answer>(call: ApiCall): Promise<Answer>;
  readonly namespace: string;
  /** A session for the environment of this test. */
  readonly sessionId: string;
  /** Starts an environment and gives its id. */
  start(spec?: Partial<EnvironmentSpec>): Promise<string>;
  /** What there is of ours in the namespace, asked past the proxy: Jobs, pods, NetworkPolicies, Secrets. */
  left(): Promise<readonly string[]>;
}

/** What a namespace of a test is like. */
export interface NamespaceOptions {
  /** Its labels, such as the Pod Security level. Default: none. */
  readonly labels?: Readonly<Record<string, string>>;
}

const paths = {
  job: '/apis/batch/v1/namespaces/NAMESPACE/jobs',
  pod: '/api/v1/namespaces/NAMESPACE/pods',
  networkpolicy: '/apis/networking.k8s.io/v1/namespaces/NAMESPACE/networkpolicies',
  secret: '/api/v1/namespaces/NAMESPACE/secrets',
};

interface ObjectList {
  readonly items: readonly { readonly metadata: { readonly name: string } }[];
}

/** Runs a test behind a proxy, in a namespace of its own. Afterwards nothing may be left in that. */
export async function throughApiProxy(
  kubeconfig: string,
  run: (given: BehindApiProxy) => Promise<void>,
  options: NamespaceOptions = {},
): Promise<void> {
  const { given, close } = await openBehindApiProxy(kubeconfig, options);
  let isFine = false;
  try {
    await run(given);
    isFine = true;
  } finally {
    await close({ isFine });
  }
}

/**
 * As {@link throughApiProxy}, for tests that share an environment. `close` stops what still runs and fails when anything of ours is left, unless the test has
 * failed already.
 */
export async function openBehindApiProxy(kubeconfig: string, { labels = {} }: NamespaceOptions = {}) {
  const connection = await readConnection(kubeconfig);
  const call = <Answer>(asked: ApiCall): Promise<Answer> => callApi(connection, asked);
  const namespace = `fault-${randomUUID().slice(0, 8)}`;
  await call({ method: 'POST', path: '/api/v1/namespaces', body: { metadata: { name: namespace, labels } } });
  const proxy = await startApiProxy(kubeconfig);
  const engine = createKubernetesEngine({ kubeconfig: proxy.kubeconfig, namespace });
  const left = async (): Promise<readonly string[]> => {
    const lists = Object.entries(paths).map(async ([kind, path]) => {
      const { items } = await call<ObjectList>({ path: path.replace('NAMESPACE', namespace) });
      return items.map(({ metadata }) => `${kind}/${metadata.name}`);
    });
    return (await Promise.all(lists)).flat();
  };
  const sessionId = 'fault';
  const start = async (spec: Partial<EnvironmentSpec> = {}): Promise<string> =>
    (await engine.startEnvironment({ sessionId, image, ...spec })).id;
  const close = async ({ isFine = true } = {}): Promise<void> => {
    proxy.rules.clear();
    try {
      if (!isFine) return;
      for (const { id } of await engine.listEnvironments()) await engine.stopEnvironment(id);
      // Policies and Secrets go with the Job that owns them, which the cluster's garbage collector sees to.
      await vi.waitUntil(async () => (await left()).length === 0, { timeout: 20_000, interval: 200 }).catch(() => {});
      expect(await left(), 'nothing is left').toEqual([]);
    } finally {
      await engine.close();
      await proxy[Symbol.asyncDispose]();
      await call({ method: 'DELETE', path: `/api/v1/namespaces/${namespace}` });
    }
  };
  const given: BehindApiProxy = { engine, proxy, call, namespace, sessionId, start, left };
  return { given, close };
}
