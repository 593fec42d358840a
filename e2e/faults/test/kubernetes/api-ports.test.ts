import { describeCluster } from '@recac/e2e-cluster';
import type { PortConnection } from '@recac/engine-core';
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import type { Fault } from '../../src/fault.ts';
import { portForward } from '../../src/kubernetes/api-requests.ts';
import { openBehindApiProxy } from '../../src/kubernetes/through-api-proxy.ts';

vi.setConfig({ testTimeout: 60_000, hookTimeout: 90_000 });

const port = 8_080;
const whole = Array.from({ length: 2_000 }, (_, index) => `${index + 1}\n`).join('');

/** What comes, and what it ends with: undefined for an end. */
async function read(connection: PortConnection): Promise<{ readonly text: string; readonly error: unknown }> {
  let text = '';
  try {
    for await (const chunk of connection.output) text += Buffer.from(chunk).toString();
    return { text, error: undefined };
  } catch (error) {
    return { text, error };
  }
}

describeCluster('connections to ports', ({ kubeconfig }) => {
  let opened: Awaited<ReturnType<typeof openBehindApiProxy>>;
  let id: string;
  beforeAll(async () => {
    opened = await openBehindApiProxy(kubeconfig);
    const { engine, start } = opened.given;
    id = await start();
    const script = `nc -ll -p ${port} -e sh -c 'seq 1 2000' & nc -ll -p ${port + 1} -e sleep 600 & wait`;
    (await engine.spawn(id, ['sh', '-c', script])).detach();
    const listening = "test $(cat /proc/net/tcp /proc/net/tcp6 | grep -c ':1F9[01] .* 0A ') = 2";
    const isReady = async (): Promise<boolean> => (await engine.exec(id, ['sh', '-c', listening])).exitCode === 0;
    await vi.waitUntil(isReady, { timeout: 20_000, interval: 200 });
  });
  afterEach(() => opened.given.proxy.rules.clear());
  afterAll(() => opened.close());

  test('what its server sends arrives whole and ends when it closes', async () => {
    await using connection = await opened.given.engine.openPort(id, port);
    expect(await read(connection)).toEqual({ text: whole, error: undefined });
  });

  test.each<[string, Fault]>([
    ['row 6: cut in the middle', { type: 'truncate', afterBytes: 701, ofStream: true }],
    [
      'row 8: ended in order, without a closing frame',
      { type: 'truncate', afterBytes: 701, ofStream: true, end: 'in order' },
    ],
    ['row 8: closed with 1001, as by a server that stops', { type: 'close', afterFrames: 3, code: 1001 }],
  ])('%s: an error, no end', async (_, fault) => {
    const { engine, proxy } = opened.given;
    proxy.rules.add({ request: portForward, fault });
    await using connection = await engine.openPort(id, port);
    const { text, error } = await read(connection);
    expect(whole.startsWith(text)).toBe(true);
    expect(error).toMatchObject({ code: 'RECAC_EXEC_FAILED', message: expect.stringContaining('broke before') });
  });

  test('row 7: a line that goes silent and stays open is given up within 15 s; one on which only the server is silent lives on', async () => {
    const { engine, proxy } = opened.given;
    await using quiet = await engine.openPort(id, port + 1);
    const reading = read(quiet);
    const still = new Promise((resolve) => setTimeout(resolve, 18_000));
    expect(await Promise.race([reading, still])).toBeUndefined();
    proxy.silenceAll();
    const silentAt = performance.now();
    expect((await reading).error).toMatchObject({ code: 'RECAC_EXEC_FAILED' });
    expect(performance.now() - silentAt).toBeLessThan(25_000);
  });
});
