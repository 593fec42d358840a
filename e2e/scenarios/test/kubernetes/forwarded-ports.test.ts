import { readFile, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { describeCluster } from '@recac/e2e-cluster';
import { createKubernetesEngine } from '@recac/engine-k8s';
import { forwardPort } from '@recac/session';
import { expect, test, vi } from 'vitest';

vi.setConfig({ testTimeout: 180_000 });

/** How long this machine remembers a caller that is gone: a minute, where this may not be shortened. */
const forgettingSeconds = '/proc/sys/net/ipv4/tcp_fin_timeout';
/** Longer than that, where it may be. */
const lateMs = 5_000;

describeCluster('ports of an environment on Kubernetes', ({ kubeconfig }) => {
  test('callers that close first leave no connection in the pod; one that only sends no more gets its answer, however late', async () => {
    await using engine = createKubernetesEngine({ kubeconfig });
    const before = await readFile(forgettingSeconds, 'utf8');
    const { id } = await engine.startEnvironment({ sessionId: 'forwarded', image: 'recac-test/busybox:1' });
    const shell = async (script: string): Promise<string> =>
      (await engine.exec(id, ['sh', '-c', script])).stdout.trim();
    const count = (state: string): Promise<string> =>
      shell(`cat /proc/net/tcp /proc/net/tcp6 | grep -c ':1F90 .* ${state} '`);
    const established = (): Promise<string> => count('01');
    try {
      await writeFile(forgettingSeconds, '2').catch(() => {});
      const server = `nc -ll -p 8080 -e sh -c 'read word; case $word in late) until [ -e /tmp/go ]; do sleep 1; done; echo answer;; *) sleep 600;; esac'`;
      (await engine.spawn(id, ['sh', '-c', server])).detach();
      await expect.poll(() => count('0A'), { timeout: 20_000 }).toBe('1');
      await using forward = await forwardPort(engine, id, { remotePort: 8_080 });
      const call = (word: string) => {
        const socket = connect({ port: forward.localPort, host: '127.0.0.1', allowHalfOpen: true });
        socket.end(`${word}\n`);
        return socket;
      };
      const patient = call('late');
      const answer = (async () => {
        let text = '';
        for await (const chunk of patient) text += String(chunk);
        return text;
      })();
      const callers = Array.from({ length: 20 }, () => call('none'));
      await expect.poll(established, { timeout: 60_000, interval: 500 }).toBe('21');
      for (const caller of callers) caller.destroy();
      await delay(lateMs);
      await shell('touch /tmp/go');
      expect(await answer).toBe('answer\n');
      await expect.poll(established, { timeout: 90_000, interval: 500 }).toBe('0');
    } finally {
      await engine.stopEnvironment(id);
      await writeFile(forgettingSeconds, before).catch(() => {});
    }
  });
});
