import { Readable } from 'node:stream';
import { describeCluster } from '@recac/e2e-cluster';
import { expect, test, vi } from 'vitest';
import { exec } from '../../src/kubernetes/api-requests.ts';
import { throughApiProxy } from '../../src/kubernetes/through-api-proxy.ts';

vi.setConfig({ testTimeout: 60_000 });

describeCluster('a terminal', ({ kubeconfig }) => {
  test('keeps its command and variables out of the URL, which audit logs hold, and its size and exit code are right', () =>
    throughApiProxy(kubeconfig, async ({ engine, proxy, start }) => {
      const id = await start();
      const before = proxy.requests.length;
      const argv = [
        'sh',
        '-c',
        'stty size; echo "$TOKEN $(printf %s "$LONG" | wc -c) $1"; ls -A /tmp/.recac/run; exit 7',
        'sh',
        'open-sesame',
      ];
      const environmentVariables = { TOKEN: 's3cret', LONG: 'x'.repeat(100_000) };
      const terminal = { columns: 91, rows: 33 };
      const running = await engine.spawn(id, argv, { terminal, environmentVariables });
      const stdout = Buffer.concat(await Readable.from(running.stdout).toArray()).toString();
      const { outcome } = await running.wait();
      expect(stdout).toContain('33 91');
      expect(stdout).toContain('s3cret 100000 open-sesame');
      expect(stdout).not.toContain('.source-');
      expect(outcome).toEqual({ type: 'exited', code: 7 });
      const asked = proxy.requests.slice(before).filter((request) => exec.test(request));
      expect(asked.filter((request) => request.includes('tty=true'))).toHaveLength(1);
      expect(asked.filter((request) => /s3cret|open-sesame|stty/.test(request))).toEqual([]);
    }));

  test('that stays silent is an error that says so', () =>
    throughApiProxy(kubeconfig, async ({ engine, proxy, start }) => {
      const id = await start();
      proxy.rules.add({ request: /\/exec\?.*tty=true/, fault: { type: 'strip', channel: 1 } });
      const opening = engine.spawn(id, ['sh'], { terminal: { columns: 80, rows: 24 } });
      await expect(opening).rejects.toMatchObject({
        code: 'RECAC_EXEC_FAILED',
        message: expect.stringContaining('no terminal answered'),
      });
    }));
});
