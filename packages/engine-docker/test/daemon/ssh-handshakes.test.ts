import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { describeDocker } from '@recac/e2e-docker';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { connectDaemon } from '../../src/daemon/connect-daemon.ts';
import { hasSshServer, sshUser, startSshServer, type TestSshServer } from './test-ssh-server.ts';

describeDocker('many calls over ssh', ({ host }) => {
  if (!hasSshServer() && process.env.RECAC_REQUIRE_ALL !== '1') {
    test.skip('many calls at once (skipped: no sshd, which is Debian package openssh-server)', () => {});
    return;
  }
  let directory: string;
  let server: TestSshServer;

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'recac-handshakes-'));
    // As the default of 10:30:100 does by chance: what comes while eight are not through is dropped.
    server = await startSshServer(directory, host, ['MaxStartups 8:100:8']);
    const place = join(directory, 'counting');
    await mkdir(place);
    const script = `#!/bin/sh\necho begun >>${place}/count\nexec ${server.binaries}/ssh "$@"\n`;
    await writeFile(join(place, 'ssh'), script, { mode: 0o755 });
    vi.stubEnv('PATH', `${place}:${process.env.PATH}`);
  });

  afterAll(async () => {
    vi.unstubAllEnvs();
    await server?.[Symbol.asyncDispose]();
    await rm(directory, { recursive: true });
  });

  const countBegun = async (): Promise<number> =>
    (await readFile(join(directory, 'counting', 'count'), 'utf8')).split('\n').length - 1;

  async function callMany(): Promise<{ readonly calls: readonly Promise<unknown>[]; close(): void }> {
    const { client } = await connectDaemon(
      { host: `ssh://${sshUser()}@127.0.0.1:${server.port}` },
      AbortSignal.timeout(25_000),
    );
    const calls = Array.from({ length: 30 }, () => client.call('asking', () => client.docker.ping()));
    return { calls, close: () => client.close() };
  }

  test('ask for no more handshakes at one time than a server takes', async () => {
    const { calls, close } = await callMany();
    const failed = (await Promise.allSettled(calls)).filter(({ status }) => status === 'rejected');
    close();
    expect(failed).toEqual([]);
  }, 60_000);

  test('open nothing more once the client is closed', async () => {
    const before = await countBegun();
    const { calls, close } = await callMany();
    await vi.waitFor(async () => expect(await countBegun()).toBeGreaterThan(before + 1), 10_000);
    close();
    await Promise.allSettled(calls);
    expect((await countBegun()) - before).toBeLessThan(20);
  }, 60_000);
});
