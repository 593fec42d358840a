import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { afterAll, describe, expect, test } from 'vitest';
import { execLaneScript } from '../src/lane/exec-lane-script.ts';
import { buildExecRequest } from '../src/lane/exec-request.ts';

const directory = mkdtempSync(join(tmpdir(), 'recac-memory-kills-'));
afterAll(() => rmSync(directory, { recursive: true }));

const shells = [
  ['dash', '-c'],
  ['bash', '-c'],
  ['busybox', 'sh', '-c'],
].filter(([program = '', ...options]) => spawnSync(program, [...options, ':']).status === 0);

/** As the kernel writes them (Linux, cgroup-v2 "memory.events", cgroup-v1 "memory.oom_control"). */
const version2 = 'low 0\nhigh 12\nmax 340\noom 3\noom_kill 2\noom_group_kill 1\n';
const version1 = 'oom_kill_disable 0\nunder_oom 1\noom_kill 4\n';

describe.each(shells)('killed for memory, counted under %s', (program = '', ...options) => {
  test.each<[string, Readonly<Record<string, string>>, string]>([
    ['cgroup v2', { 'memory.events': version2 }, '2'],
    ['cgroup v2 of a kernel before 5.17', { 'memory.events': 'low 0\nhigh 0\nmax 7\noom 1\noom_kill 1\n' }, '1'],
    ['cgroup v1', { 'memory/memory.oom_control': version1 }, '4'],
    ['cgroup v1 of a kernel before 4.13', { 'memory/memory.oom_control': 'oom_kill_disable 0\nunder_oom 0\n' }, '0'],
    ['no cgroup that can be seen', {}, '0'],
  ])('%s', (name, files, count) => {
    const root = join(directory, `${program} ${name}`);
    mkdirSync(join(root, 'memory'), { recursive: true });
    for (const [path, text] of Object.entries(files)) writeFileSync(join(root, path), text);
    const script = execLaneScript.replaceAll('/sys/fs/cgroup', '"$ROOT"');
    const request = { workingDirectory: root, environmentVariables: {}, marker: 'marker', meta: 'meta' };
    const { stdout } = spawnSync(program, [...options, script, 'recac-lane', join(root, 'pool'), 'lane', '1000'], {
      env: { ...process.env, ROOT: root },
      input: Buffer.concat([
        buildExecRequest({ ...request, command: ['sh', '-c', 'kill -9 $$'] }),
        buildExecRequest({ ...request, command: ['sh', '-c', 'exit 3'] }),
      ]),
    });
    expect(stdout.toString().replace(/ \d+ \d+ 0 0 1000 /g, ' PID START 0 0 1000 ')).toMatch(
      new RegExp(
        `^ready .*\np 1 PID START 0 0 1000 ${count}\nr 1 137s 0 0 0 0 0 1 memory.${count}\np 2 PID START 0 0 1000 ${count}\nr 2 3 0 0 0 0 0 1 -\n$`,
      ),
    );
  });
});
