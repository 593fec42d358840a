import { Buffer } from 'node:buffer';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import {
  describeOwnCluster,
  parseVersion,
  pushImage,
  type RunningCluster,
  startCluster,
  startRegistry,
  type TestRegistry,
} from '@recac/e2e-cluster';
import type { EnvironmentSpec, RecacError } from '@recac/engine-core';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { createKubernetesEngine, type KubernetesEngineOptions } from '../src/index.ts';

vi.setConfig({ testTimeout: 120_000 });

describeOwnCluster('images from a registry', () => {
  let cluster: RunningCluster;
  let open: TestRegistry;
  let locked: TestRegistry;

  beforeAll(async () => {
    const directory = await mkdtemp(join(tmpdir(), 'recac-pull-'));
    const version = parseVersion(process.env.RECAC_TEST_KUBERNETES_VERSION);
    cluster = await startCluster({ directory, version });
    open = await startRegistry(cluster, { port: 5_000 });
    locked = await startRegistry(cluster, { port: 5_001, password: true });
  }, 180_000);

  afterAll(async () => {
    await cluster?.stop();
  }, 60_000);

  /** Starts an environment and gives what its image says, or why it did not start. */
  async function startFrom(spec: Partial<EnvironmentSpec>, options: KubernetesEngineOptions = {}) {
    await using engine = createKubernetesEngine({ kubeconfig: cluster.kubeconfig, ...options });
    try {
      const { id } = await engine.startEnvironment({ sessionId: 'pull', pendingTimeoutMs: 60_000, ...spec });
      const { stdout } = await engine.exec(id, ['sh', '-c', 'echo "$EDITION"']);
      await engine.stopEnvironment(id);
      return stdout.trim();
    } catch (error) {
      return error as RecacError;
    }
  }

  test('if-missing pulls once and then keeps what the node has, always looks again, never does not pull', async () => {
    const push = (edition: string) => pushImage(open, { name: 'agent', tag: '1', environment: { EDITION: edition } });
    const image = `${open.host}/agent:1`;
    expect(await startFrom({ image, pullPolicy: 'never' })).toMatchObject({ code: 'RECAC_IMAGE_NOT_FOUND' });
    expect(await push('first')).toBe(image);
    expect(await startFrom({ image, pullPolicy: 'if-missing' })).toBe('first');
    await push('second');
    expect(await startFrom({ image, pullPolicy: 'if-missing' })).toBe('first');
    expect(await startFrom({ image, pullPolicy: 'always' })).toBe('second');
    expect(await startFrom({ image, pullPolicy: 'never' })).toBe('second');
  });

  test('a name that the registry does not have is not found', async () => {
    expect(await startFrom({ image: `${open.host}/nobody:1` })).toMatchObject({
      code: 'RECAC_IMAGE_NOT_FOUND',
      message: expect.stringContaining('nobody:1'),
    });
  });

  test('ensureImage gives the digest that the registry knows the image by, with a pull secret where one is needed', async () => {
    const environment = { EDITION: 'pinned' };
    const images = [
      [await pushImage(open, { name: 'pinned', tag: '1', environment }), {}],
      [await pushImage(locked, { name: 'pinned', tag: '1', environment }), { imagePullSecrets: ['for-pinned'] }],
    ] as const;
    await cluster.apply(toSecret('for-pinned', locked, locked.login));
    for (const [reference, options] of images) {
      await using engine = createKubernetesEngine({ kubeconfig: cluster.kubeconfig, ...options });
      const info = await engine.ensureImage(reference, { policy: 'always' });
      expect(info).toEqual({ reference, digest: expect.stringMatching(/^sha256:[0-9a-f]{64}$/) });
      const pinned = `${reference.replace(/:1$/, '')}@${info.digest}`;
      expect(await startFrom({ image: pinned, pullPolicy: 'always' }, options)).toBe('pinned');
    }
    await using without = createKubernetesEngine({ kubeconfig: cluster.kubeconfig });
    await expect(without.ensureImage(images[1][0], { policy: 'always' })).rejects.toMatchObject({
      code: 'RECAC_IMAGE_PULL_FAILED',
      details: { reason: 'ImagePullUnauthorized' },
    });
  });

  test('a registry with a password: denied without one and with a wrong one, pulled with imagePullSecrets', async () => {
    const image = await pushImage(locked, { name: 'private', tag: '1', environment: { EDITION: 'private' } });
    await cluster.apply(
      toSecret('right', locked, locked.login),
      toSecret('wrong', locked, { user: 'x', password: 'y' }),
    );
    const denied = { code: 'RECAC_IMAGE_PULL_FAILED', details: { reason: 'ImagePullUnauthorized' } };
    expect(await startFrom({ image })).toMatchObject(denied);
    expect(await startFrom({ image }, { imagePullSecrets: ['wrong'] })).toMatchObject(denied);
    expect(await startFrom({ image }, { imagePullSecrets: ['right'] })).toBe('private');
  });
});

function toSecret(name: string, { host }: TestRegistry, login: TestRegistry['login']): object {
  const auth = Buffer.from(`${login?.user}:${login?.password}`).toString('base64');
  const config = JSON.stringify({ auths: { [`http://${host}`]: { auth }, [host]: { auth } } });
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name, namespace: 'default' },
    type: 'kubernetes.io/dockerconfigjson',
    data: { '.dockerconfigjson': Buffer.from(config).toString('base64') },
  };
}
