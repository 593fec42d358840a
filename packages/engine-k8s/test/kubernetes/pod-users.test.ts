import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import process from 'node:process';
import { describeCluster } from '@recac/e2e-cluster';
import type { ContainerEngine } from '@recac/engine-core';
import { expect, test, vi } from 'vitest';
import { PodUsers } from '../../src/exec/pod-users.ts';
import { busyboxImage, debianImage, failedStart, inNamespace } from '../test-namespace.ts';

vi.setConfig({ testTimeout: 120_000 });

const identity = ['sh', '-c', 'id -u; id -g; id -G; echo "$HOME $USER $LOGNAME"'];

/** What `PodUsers` needs, in an environment where only some programs can be found. */
function withPath(engine: ContainerEngine, id: string, path: string) {
  const run = async (argv: readonly (string | Uint8Array)[]) => {
    const command = ['sh', '-c', `PATH=${path}; export PATH; exec "$@"`, 'sh', ...argv];
    const { stdout, stderr, outcome } = await engine.exec(id, command);
    return {
      stdout,
      stderr,
      exit: outcome.type === 'exited' ? outcome : { type: 'lost' as const, reason: outcome.type },
    };
  };
  return { run, users: new PodUsers((source) => run(['sh', '-c', source])) };
}

/** Debian's gosu is a static program, which runs wherever it is put. */
const gosu = '/usr/sbin/gosu';
const isLeftOut = !existsSync(gosu) && process.env.RECAC_REQUIRE_ALL !== '1';

describeCluster('commands as other users', ({ kubeconfig }) => {
  test('busybox: su makes root every user that the image names; another number is unsupported, and the remedy is told', () =>
    inNamespace(kubeconfig, {}, async ({ engine }) => {
      const { id } = await engine.startEnvironment({ sessionId: 'busybox', image: busyboxImage, user: 'root' });
      expect((await engine.execAsUser(id, 'agent', identity)).stdout).toBe(
        '1000\n1000\n1000\n/home/agent agent agent\n',
      );
      expect((await engine.execAsUser(id, '1000', identity)).stdout).toBe(
        '1000\n1000\n1000\n/home/agent agent agent\n',
      );
      await expect(engine.execAsUser(id, '12345', ['touch', 'ran'])).rejects.toMatchObject({
        code: 'RECAC_CAPABILITY_UNSUPPORTED',
        details: { capability: 'execAsUser', reason: 'NoTool' },
        message: expect.stringContaining('Install util-linux'),
      });
      await expect(engine.execAsUser(id, 'nobody-here', ['touch', 'ran'])).rejects.toMatchObject({
        code: 'RECAC_INVALID_ARGUMENT',
        details: { field: 'user' },
      });
      expect((await engine.exec(id, ['ls'])).stdout).toBe('');
      await engine.stopEnvironment(id);
    }));

  test('an environment of another user than root says how to start it, and runs nothing', () =>
    inNamespace(kubeconfig, {}, async ({ engine }) => {
      const { id } = await engine.startEnvironment({ sessionId: 'plain', image: debianImage });
      await expect(engine.execAsUser(id, 'agent', ['touch', 'ran'])).rejects.toMatchObject({
        code: 'RECAC_CAPABILITY_UNSUPPORTED',
        details: { capability: 'execAsUser', reason: 'NotRoot' },
        message: expect.stringMatching(/runs as uid 10000.*--user root.*1000:1000/),
      });
      expect((await engine.execAsUser(id, '10000', ['id', '-u'])).stdout).toBe('10000\n');
      expect((await engine.exec(id, ['ls'])).stdout).toBe('');
      await engine.stopEnvironment(id);
    }));

  test('each program of Debian that can change the user does, with exact ids and without the groups of root', () =>
    inNamespace(kubeconfig, {}, async ({ engine }) => {
      const { id } = await engine.startEnvironment({ sessionId: 'tools', image: debianImage, user: 'root' });
      const found: string[] = [];
      for (const tool of ['setpriv', 'runuser', 'su']) {
        const path = `/tmp/only-${tool}`;
        const script = 'mkdir "$0"; for name; do ln -s "$(command -v "$name")" "$0"; done';
        await engine.exec(id, ['sh', '-c', script, path, 'sh', 'id', 'cat', tool]);
        const { run, users } = withPath(engine, id, path);
        const become = await users.find('agent', AbortSignal.timeout(30_000));
        const argv = become?.toArgv('id -u; id -g; id -G') ?? [];
        expect(argv[0]).toBe(tool);
        expect((await run(argv)).stdout).toBe('1000\n1000\n1000\n');
        found.push(tool);
      }
      expect(found).toEqual(['setpriv', 'runuser', 'su']);
      await engine.stopEnvironment(id);
    }));

  test.skipIf(isLeftOut)(
    `gosu does, where there is nothing else for it, and so does su-exec (gosu under that name, whose command line is the same: Debian has no su-exec)${isLeftOut ? ` (skipped: no ${gosu})` : ''}`,
    () =>
      inNamespace(kubeconfig, {}, async ({ engine }) => {
        const { id } = await engine.startEnvironment({ sessionId: 'gosu', image: debianImage, user: 'root' });
        const program = await readFile(gosu);
        for (const tool of ['gosu', 'su-exec']) {
          const path = `/tmp/only-${tool}`;
          const script =
            'mkdir "$0"; for name in sh id cat; do ln -s "$(command -v "$name")" "$0"; done; cat >"$0/$1"; chmod 755 "$0/$1"';
          const made = await engine.exec(id, ['sh', '-c', script, path, tool], { stdin: program });
          expect(made).toMatchObject({ exitCode: 0, stderr: '' });
          const { run, users } = withPath(engine, id, path);
          for (const [user, ids] of [
            ['agent', '1000\n1000\n1000\n'],
            ['12345', '12345\n12345\n12345\n'],
          ] as const) {
            const argv = (await users.find(user, AbortSignal.timeout(30_000)))?.toArgv('id -u; id -g; id -G') ?? [];
            expect(argv[0]).toBe(tool);
            expect((await run(argv)).stdout).toBe(ids);
          }
        }
        await engine.stopEnvironment(id);
      }),
  );

  test('a terminal of another user is its own: it can be opened again', () =>
    inNamespace(kubeconfig, {}, async ({ engine }) => {
      const { id } = await engine.startEnvironment({ sessionId: 'terminal', image: debianImage, user: 'root' });
      const handle = await engine.spawn(id, ['sh', '-c', 'id -un; echo again >/dev/stderr; pwd; stty size; exit 3'], {
        user: 'agent',
        terminal: { columns: 99, rows: 33 },
        workingDirectory: '/home/agent',
      });
      const chunks: Buffer[] = [];
      for await (const chunk of handle.stdout) chunks.push(chunk as Buffer);
      expect(Buffer.concat(chunks).toString()).toBe('agent\r\nagain\r\n/home/agent\r\n33 99\r\n');
      expect(await handle.wait()).toMatchObject({ outcome: { type: 'exited', code: 3 } });
      await engine.stopEnvironment(id);
    }));

  test('a command of another user is listed, and cancelled with all that it started', () =>
    inNamespace(kubeconfig, {}, async ({ engine }) => {
      const { id } = await engine.startEnvironment({ sessionId: 'cancel', image: debianImage, user: 'root' });
      const handle = await engine.spawn(id, ['sh', '-c', 'setsid sleep 997 & sleep 998'], { user: '12345' });
      expect((await engine.listExecs(id)).map(({ execId }) => execId)).toEqual([handle.execId]);
      await handle.cancel();
      await handle.wait();
      expect((await engine.exec(id, ['sh', '-c', 'ps -eo args | grep "[s]leep 99"'])).stdout).toBe('');
      await engine.stopEnvironment(id);
    }));

  test('a namespace with the Pod Security profile "restricted" refuses root, and says so', () =>
    inNamespace(
      kubeconfig,
      { namespaceLabels: { 'pod-security.kubernetes.io/enforce': 'restricted' } },
      async ({ engine }) => {
        const error = await failedStart({ engine }, { user: 'root' });
        expect(error.message).toMatch(/restricted/);
        expect(error.message).toMatch(/runAsNonRoot|runAsUser=0/);
      },
    ));
});
