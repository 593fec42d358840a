import { randomUUID } from 'node:crypto';
import { callApi, describeCluster, readConnection } from '@recac/e2e-cluster';
import { expect, test, vi } from 'vitest';
import { createCliWorld } from '../cli-process.ts';

vi.setConfig({ testTimeout: 180_000 });

const path = '/apis/node.k8s.io/v1/runtimeclasses';

describeCluster('run --runtime-class on Kubernetes', ({ kubeconfig }) => {
  test.each([
    ['other', { code: 0, stdout: 'here\n' }],
    [
      'absent',
      { code: 125, stderr: expect.stringMatching(/the node has no runtime absent, which the RuntimeClass names/) },
    ],
  ])('handler %s', async (handler, expected) => {
    const connection = await readConnection(kubeconfig);
    const name = `${handler}-${randomUUID().slice(0, 8)}`;
    await callApi(connection, { method: 'POST', path, body: { metadata: { name }, handler } });
    try {
      const environment = { RECAC_KUBERNETES_KUBECONFIG: kubeconfig };
      await using world = await createCliWorld({ environment, sessions: [] });
      const flags = ['--backend', 'kubernetes', '--image', 'recac-test/busybox:1', '--runtime-class', name];
      const ran = await world.run(['run', ...flags, '--sync', 'none', '-c', 'echo here']);
      expect(ran).toMatchObject(expected);
    } finally {
      await callApi(connection, { method: 'DELETE', path: `${path}/${name}` });
    }
  });
});
