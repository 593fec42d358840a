import { describeCluster } from '@recac/e2e-cluster';
import { expect, test, vi } from 'vitest';
import { busyboxImage, inNamespace } from '../test-namespace.ts';

vi.setConfig({ testTimeout: 180_000 });

describeCluster('ensureImage', ({ kubeconfig }) => {
  test.each(['never', 'if-missing'] as const)(
    'verifies an image of the node with policy %s, and leaves nothing',
    (policy) =>
      inNamespace(kubeconfig, {}, async ({ engine, count }) => {
        const statuses: string[] = [];
        const info = await engine.ensureImage(busyboxImage, {
          policy,
          onProgress: ({ status }) => statuses.push(status),
        });
        expect(info).toEqual({ reference: busyboxImage });
        expect(statuses).toEqual(['Asking a node']);
        expect(await count()).toBe(0);
      }),
  );

  test('always asks the registry, and says that there is none', () =>
    inNamespace(kubeconfig, {}, async ({ engine, count }) => {
      await expect(engine.ensureImage('localhost:1/recac/none:1', { policy: 'always' })).rejects.toMatchObject({
        code: 'RECAC_IMAGE_PULL_FAILED',
        message: expect.stringContaining('localhost:1'),
      });
      expect(await count()).toBe(0);
    }));

  test('a platform that no node has is refused at once, with those that there are', () =>
    inNamespace(kubeconfig, {}, async ({ engine, count }) => {
      await expect(engine.ensureImage(busyboxImage, { platform: 'linux/s390x' })).rejects.toMatchObject({
        code: 'RECAC_IMAGE_PULL_FAILED',
        message: expect.stringMatching(/linux\/s390x: the nodes are linux\/(amd64|arm64)/),
      });
      expect(await count()).toBe(0);
    }));

  test('an image that a quota keeps from every node is given up when told to, with nothing left', () =>
    inNamespace(kubeconfig, {}, async ({ engine, create, count }) => {
      await create('resourcequotas', { metadata: { name: 'few' }, spec: { hard: { pods: '0' } } });
      await expect(engine.ensureImage(busyboxImage, { signal: AbortSignal.timeout(3_000) })).rejects.toThrow();
      await expect.poll(count, { timeout: 20_000 }).toBe(0);
    }));
});
