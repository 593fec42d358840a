import { spawn } from 'node:child_process';
import process from 'node:process';
import { describeCluster } from '@recac/e2e-cluster';
import { expect, test, vi } from 'vitest';
import type { NewJob } from '../src/job/job-object.ts';
import { busyboxImage, inNamespace, type TestNamespace } from './test-namespace.ts';

vi.setConfig({ testTimeout: 120_000 });

const signal = AbortSignal.timeout(600_000);

function jobPath({ namespace }: Pick<TestNamespace, 'namespace'>, name = ''): string {
  return `/apis/batch/v1/namespaces/${namespace}/jobs${name}`;
}

async function readJob(given: TestNamespace): Promise<NewJob | undefined> {
  const list = await given.client.request<{ items: NewJob[] }>({ method: 'GET', path: jobPath(given), signal });
  return list.items[0];
}

const starter = `
import { createKubernetesEngine } from ${JSON.stringify(new URL('../src/index.ts', import.meta.url).href)};
const [kubeconfig, namespace, image] = process.argv.slice(1);
const engine = createKubernetesEngine({ kubeconfig, namespace, keepEndedSeconds: 1 });
await engine.startEnvironment({ sessionId: 'abandoned', image, resources: { requests: { cpu: '1000' } } });
`;

describeCluster('a start that nobody finishes', ({ kubeconfig }) => {
  test('has a limit on the server, which a start that succeeds lifts', async () => {
    await inNamespace(kubeconfig, {}, async (given) => {
      const { id } = await given.engine.startEnvironment({ sessionId: 'finished', image: busyboxImage });
      expect((await readJob(given))?.spec.activeDeadlineSeconds).toBeUndefined();
      await given.engine.stopEnvironment(id);
    });
    await inNamespace(kubeconfig, { lifetimeMs: 3_600_000 }, async (given) => {
      const { id } = await given.engine.startEnvironment({ sessionId: 'limited', image: busyboxImage });
      expect((await readJob(given))?.spec.activeDeadlineSeconds).toBe(3_600);
      await given.engine.stopEnvironment(id);
    });
  });

  test('leaves nothing, though its client was killed while the pod was pending', async () => {
    await inNamespace(kubeconfig, {}, async (given) => {
      const flags = ['--conditions=@recac/source', '--input-type=module', '--eval', starter];
      const child = spawn(process.execPath, [...flags, kubeconfig, given.namespace, busyboxImage], {
        stdio: 'inherit',
      });
      await expect.poll(() => readJob(given), { timeout: 60_000 }).toBeDefined();
      child.kill('SIGKILL');
      const job = await readJob(given);
      expect(job?.spec.activeDeadlineSeconds).toBe(360);
      // Six minutes pass.
      await given.client.request({
        method: 'PATCH',
        path: jobPath(given, `/${job?.metadata.name}`),
        contentType: 'application/merge-patch+json',
        body: { spec: { activeDeadlineSeconds: 1 } },
        signal,
      });
      await expect.poll(() => given.count(), { timeout: 60_000 }).toBeLessThanOrEqual(1);
    });
  });
});
