import { importImages, requestDaemon, testImages } from '@recac/e2e-images';
import { expect, test } from 'vitest';
import { describeDocker } from '../src/index.ts';

/** Runs a container of an image to its end; gives its exit code, or why it did not start. */
async function run(host: string, image: string, command: string[] = []): Promise<number | string> {
  const settings = {
    Image: image,
    ...(command.length > 0 ? { Cmd: command } : {}),
    HostConfig: { NetworkMode: 'none' },
  };
  const created = await requestDaemon({ host, method: 'POST', path: '/containers/create', json: settings });
  const path = `/containers/${JSON.parse(created.body).Id}`;
  try {
    const started = await requestDaemon({ host, method: 'POST', path: `${path}/start` });
    if (started.status !== 204) return JSON.parse(started.body).message;
    const waited = await requestDaemon({ host, method: 'POST', path: `${path}/wait` });
    return JSON.parse(waited.body).StatusCode;
  } finally {
    await requestDaemon({ host, method: 'DELETE', path: `${path}?force=1&v=1` });
  }
}

describeDocker('the test images', ({ host }) => {
  test('are there, and are not imported twice', async () => {
    expect(await importImages(host, testImages)).toEqual([]);
  });

  test.each(['recac-test/busybox:1', 'recac-test/debian:1'])('%s has a shell, a user and /tmp', async (image) => {
    const script =
      '[ "$(stat -c %a /tmp)" = 1777 ] && [ "$(stat -c %U:%u /home/agent)" = agent:1000 ] && ps && tar --help';
    expect(await run(host, image, ['sh', '-c', script])).toBe(0);
  });

  test('recac-test/debian:1 has the tools that coding agents need', async () => {
    expect(await run(host, 'recac-test/debian:1', ['bash', '-c', 'git --version && ip -V && bash --version'])).toBe(0);
  });

  test('the odd ones are odd', async () => {
    expect(await run(host, 'recac-test/entrypoint:1')).toBe(3);
    expect(await run(host, 'recac-test/no-tmp:1', ['test', '-e', '/tmp'])).toBe(1);
    expect(await run(host, 'recac-test/no-shell:1', ['/bin/sleep', '0'])).toBe(0);
    expect(await run(host, 'recac-test/no-shell:1', ['/bin/sh'])).toMatch(/no such file/);
  });
});
