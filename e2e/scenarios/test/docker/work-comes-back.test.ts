import { execFileSync } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describeDocker, describeOwnDaemon, startDaemon, testImages } from '@recac/e2e-docker';
import { createDockerEngine } from '@recac/engine-docker';
import { expect, test, vi } from 'vitest';
import { type CliPlace, type RunningCli, runCli, startCli } from '../../src/cli.ts';
import { createPlace } from '../../src/place.ts';
import { agentScript, checkWork, createSampleRepository } from '../../src/sample-repository.ts';

/** Each step is a process, and the machine may be busy. */
vi.setConfig({ testTimeout: 300_000 });

const image = ['--image', 'recac-test/debian:1'];

/** A repository in a place of its own, and a session in which the agent has done its work and goes on. */
async function withAgent(
  host: string,
  { name, flags = [] }: { readonly name: string; readonly flags?: readonly string[] },
  work: (place: CliPlace, running: RunningCli) => Promise<void>,
): Promise<void> {
  await using place = await createPlace({ dockerHost: host });
  await createSampleRepository(place.project);
  const running = startCli(place, ['run', '--name', name, ...image, ...flags, '-c', `${agentScript}\nsleep 600`]);
  await running.until('begun');
  await work(place, running);
  await using engine = createDockerEngine({ host });
  expect(await engine.listEnvironments({ sessionId: name })).toEqual([]);
  expect((await engine.listKeptWorkspaces()).filter(({ sessionId }) => sessionId === name)).toEqual([]);
}

const isGone = async (host: string, name: string): Promise<boolean> => {
  await using engine = createDockerEngine({ host });
  return (await engine.listEnvironments({ sessionId: name })).length === 0;
};

describeDocker('every byte of an agent comes back', ({ host }) => {
  const docker = (...words: readonly string[]): string =>
    execFileSync('docker', words, { env: { ...process.env, DOCKER_HOST: host } }).toString();

  test('when its client is killed, by another process', async () => {
    const name = `client-${process.pid}`;
    await withAgent(host, { name }, async (place, running) => {
      running.child.kill('SIGKILL');
      await running.ended;
      expect(await runCli(place, ['stop', '--quiet', name])).toMatchObject({ code: 0 });
      checkWork(place.project, name);
    });
  });

  test('when its client is killed and nobody comes until the lease has ended', async () => {
    const name = `lease-${process.pid}`;
    await withAgent(host, { name, flags: ['--lease', '3s'] }, async (place, running) => {
      running.child.kill('SIGKILL');
      await running.ended;
      await expect.poll(() => isGone(host, name), { timeout: 60_000, interval: 500 }).toBe(true);
      expect((await runCli(place, ['rescue'])).stderr).toContain(`recac rescue ${name} brings them back`);
      const rescued = await runCli(place, ['rescue', name]);
      expect(rescued).toMatchObject({ code: 0, stderr: expect.stringContaining('2 commits') });
      checkWork(place.project, name);
    });
  });

  test.each([
    ['removed by force', ['rm', '-f', '-v']],
    ['killed', ['kill']],
    ['stopped by others', ['stop', '-t', '2']],
  ])('when its container is %s, by the run itself', async (_, words) => {
    const name = `container-${words[0]}-${process.pid}`;
    await withAgent(host, { name }, async (place, running) => {
      docker(...words, `recac-agent-${name}`);
      const { code, stderr } = await running.ended;
      expect([code, stderr.includes('its workspace was kept')], stderr).toEqual([expect.any(Number), true]);
      expect(code).not.toBe(0);
      checkWork(place.project, name);
    });
  });

  test('and where the directory is no repository, the files come back into it', async () => {
    const name = `upload-${process.pid}`;
    await using place = await createPlace({ dockerHost: host });
    await writeFile(join(place.project, 'text'), 'one\n');
    const script = 'echo two >>text; echo made >made; echo begun; sleep 600';
    const running = startCli(place, ['run', '--name', name, '--image', 'recac-test/busybox:1', '-c', script]);
    await running.until('begun');
    docker('rm', '-f', `recac-agent-${name}`);
    await running.ended;
    expect(execFileSync('cat', ['text', 'made'], { cwd: place.project }).toString()).toBe('one\ntwo\nmade\n');
  });
});

describeOwnDaemon('every byte of an agent comes back', () => {
  test('when the daemon is killed and started again', async () => {
    await using daemon = await startDaemon({
      images: testImages.filter(({ reference }) => reference.includes('debian')),
    });
    const name = `daemon-${process.pid}`;
    await withAgent(daemon.host, { name }, async (place, running) => {
      await daemon.restart('KILL');
      const { code } = await running.ended;
      expect(code).not.toBe(0);
      if (!(await runCli(place, ['rescue'])).stderr.includes(`recac rescue ${name}`))
        return checkWork(place.project, name);
      expect(await runCli(place, ['rescue', name])).toMatchObject({ code: 0 });
      checkWork(place.project, name);
    });
  });
});
