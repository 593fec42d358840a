import { chown, mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describeDocker } from '@recac/e2e-docker';
import type { EnvironmentSpec } from '@recac/engine-core';
import { expect, test } from 'vitest';
import type { DockerEngineOptions } from '../src/index.ts';
import { withEnvironment } from './test-engine.ts';

describeDocker('an environment, seen from inside', ({ host }) => {
  const inside = (script: string, spec: Partial<EnvironmentSpec> = {}, options: DockerEngineOptions = {}) =>
    withEnvironment({ host, ...options }, spec, async ({ engine, id, warnings }) => ({
      ...(await engine.exec(id, ['sh', '-c', script])),
      warnings,
    }));

  test('has no capability, cannot gain any, and runs under seccomp', async () => {
    const { stdout } = await inside("grep -E '^(Cap(Inh|Prm|Eff|Bnd|Amb)|NoNewPrivs|Seccomp):' /proc/self/status");
    expect(stdout).toBe(
      'CapInh:\t0000000000000000\nCapPrm:\t0000000000000000\nCapEff:\t0000000000000000\n' +
        'CapBnd:\t0000000000000000\nCapAmb:\t0000000000000000\nNoNewPrivs:\t1\nSeccomp:\t2\n',
    );
  });

  test('limits of commands are those of the engine', async () => {
    const { stdout, truncated } = await inside('seq 1 100000', {}, { recordLimitBytes: 1_000 });
    expect([truncated, stdout.length]).toEqual([true, 1_000]);
  });

  test('writes to its workspace, /tmp, /run and HOME, and nowhere else', async () => {
    const { stdout } = await inside(
      'for d in /workspace /tmp /run "$HOME" / /etc /usr /bin /var; do touch "$d/x" 2>/dev/null && echo "$d"; done',
    );
    expect(stdout.split('\n')).toEqual(['/workspace', '/tmp', '/run', '/tmp/.recac/home', '']);
  });

  test('is nobody in particular, and sees no socket of the daemon', async () => {
    const { stdout } = await inside('id -u; id -g; ls /var/run/docker.sock /run/docker.sock 2>/dev/null');
    expect(stdout).toBe('10000\n10000\n');
  });

  test('has an init that reaps what is left behind', async () => {
    const { stdout } = await inside(
      '(sleep 0.1 &) ; sleep 0.5; cat /proc/[0-9]*/stat | grep -c " Z "; cat /proc/1/comm',
    );
    expect(stdout).toMatch(/^0\n(docker-init|tini|catatonit)/);
  });

  test('has no network by default', async () => {
    expect((await inside('ls /sys/class/net')).stdout).toBe('lo\n');
  });

  test('cannot have more processes or memory than its limits', async () => {
    const { stdout } = await inside(
      'cat /sys/fs/cgroup/pids/pids.max /sys/fs/cgroup/pids.max /sys/fs/cgroup/memory/memory.limit_in_bytes /sys/fs/cgroup/memory.max 2>/dev/null; ulimit -c',
      { resources: { limits: { memory: '64Mi' } } },
    );
    expect(stdout).toBe('4096\n67108864\n0\n');
  });

  test('a bind mount is written as its owner, who then owns the files', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'recac-docker-'));
    try {
      await chown(directory, 4_321, 4_322);
      const { stdout, warnings } = await inside('id -u; id -g; echo hello >made', {
        workspace: { type: 'bind', hostPath: directory },
      });
      const made = await stat(join(directory, 'made'));
      expect([stdout, made.uid, made.gid, warnings]).toEqual(['4321\n4322\n', 4_321, 4_322, []]);
      expect(await readdir(directory)).toEqual(['made']);
    } finally {
      await rm(directory, { recursive: true });
    }
  });

  test("root's own directory is worked in as root, without capabilities, with a warning", async () => {
    const directory = await mkdtemp(join(tmpdir(), 'recac-docker-'));
    try {
      const { stdout, warnings } = await inside('id -u; touch made; grep CapEff /proc/self/status', {
        workspace: { type: 'bind', hostPath: directory },
      });
      expect(stdout).toBe('0\nCapEff:\t0000000000000000\n');
      expect(warnings).toEqual([expect.stringContaining('belongs to root')]);
    } finally {
      await rm(directory, { recursive: true });
    }
  });

  test('a read-only bind mount cannot be written', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'recac-docker-'));
    try {
      await chown(directory, 4_321, 4_321);
      const workspace = { type: 'bind', hostPath: directory, readOnly: true } as const;
      expect((await inside('touch made', { workspace })).exitCode).toBe(1);
    } finally {
      await rm(directory, { recursive: true });
    }
  });

  test('a scratch workspace of a given size is full at that size', async () => {
    const { exitCode, stderr } = await inside('dd if=/dev/zero of=big bs=1M count=3', {
      workspace: { type: 'scratch', sizeLimitBytes: 1_048_576 },
    });
    expect([exitCode, stderr]).toEqual([1, expect.stringContaining('No space left')]);
  });

  test('docker-default gives back what docker run gives, with a warning', async () => {
    const { stdout, warnings } = await inside(
      'id -u; touch /etc/x && echo written',
      { user: 'root' },
      { hardening: 'docker-default' },
    );
    expect(stdout).toBe('0\nwritten\n');
    expect(warnings.join('\n')).toMatch(/docker-default/);
  });
});
