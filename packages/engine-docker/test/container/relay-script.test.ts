import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, symlink } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { networkInterfaces, tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { expect, test } from 'vitest';
import { relayScript } from '../../src/container/relay-script.ts';

const find = (name: string): string =>
  spawnSync('sh', ['-c', `command -v ${name}`], { encoding: 'utf8' }).stdout.trim();
const python = spawnSync('python3', ['-c', 'import sys; print(sys.executable)'], { encoding: 'utf8' }).stdout?.trim();

/** Programs as the image of an environment has them: name and where it is. */
const relays = [
  ['socat', find('socat')],
  ['python3', python ?? ''],
  ['perl', find('perl')],
  ['nc', find('busybox')],
  ['bash', find('bash')],
].filter(([, path]) => path !== '') as [string, string][];

const hasIpv6 = Object.values(networkInterfaces()).some((all) => all?.some(({ address }) => address === '::1'));
const addresses = hasIpv6 ? ['127.0.0.1', '0.0.0.0', '::1', '::'] : ['127.0.0.1', '0.0.0.0'];

/** Says something through the relay to a server that listens at the address, and gives all that the relay says. */
async function relay(programs: readonly [string, string][], address: string): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'recac-relay-'));
  const server = createServer((socket) => socket.once('data', (heard) => socket.end(`heard ${heard}`)));
  try {
    for (const [name, path] of [...programs, ...['grep', 'cat'].map((one) => [one, find(one)] as const)])
      await symlink(path, join(directory, name));
    server.listen(0, address);
    await once(server, 'listening');
    const port = String((server.address() as AddressInfo).port);
    const child = spawn('/bin/sh', ['-c', relayScript, 'recac', port], { env: { PATH: directory }, timeout: 10_000 });
    child.stdin.write('hello');
    return await text(child.stdout);
  } finally {
    server.close();
    await rm(directory, { recursive: true });
  }
}

test.each(relays.flatMap(([name, path]) => addresses.map((address) => [name, address, path] as const)))(
  '%s reaches a server at %s',
  async (name, address, path) => {
    expect(await relay([[name, path]], address)).toBe('ok\nheard hello');
  },
);

test('says that nothing can reach it', async () => {
  expect(await relay([], '127.0.0.1')).toBe('none\n');
  if (hasIpv6) expect(await relay([], '::1')).toBe('six\n');
});
