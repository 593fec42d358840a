import { randomUUID } from 'node:crypto';
import { describeCluster, makeClaim } from '@recac/e2e-cluster';
import { expect, test, vi } from 'vitest';
import { createCliWorld } from '../cli-process.ts';

vi.setConfig({ testTimeout: 120_000 });

describeCluster('run --pvc on Kubernetes', ({ kubeconfig }) => {
  test('what a session writes is there for the next of the same name, and for no other', async () => {
    const claimName = `work-${randomUUID().slice(0, 8)}`;
    await using _claim = await makeClaim({ kubeconfig, namespace: 'default', claimName });
    const environment = { RECAC_KUBERNETES_KUBECONFIG: kubeconfig };
    await using world = await createCliWorld({ environment, sessions: [] });
    const flags = ['run', '--backend', 'kubernetes', '--image', 'recac-test/busybox:1', '--pvc', claimName, '--name'];
    const first = await world.run([...flags, `${claimName}-a`, '-c', 'pwd; id -u; echo kept >file']);
    expect(first).toMatchObject({ code: 0, stdout: '/workspace\n10000\n' });
    expect(first.stderr).toContain(`the work is in recac/recac-agent-${claimName}-a of the PersistentVolumeClaim`);
    const second = await world.run([...flags, `${claimName}-a`, '-c', 'cat file; rm file']);
    expect(second).toMatchObject({ code: 0, stdout: 'kept\n' });
    expect(await world.run([...flags, `${claimName}-b`, '-c', 'ls'])).toMatchObject({ code: 0, stdout: '' });
  });
});
