import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { afterAll, describe, expect, test } from 'vitest';
import { controlLaneScript } from '../src/lane/control-lane-script.ts';

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
    const script = controlLaneScript.replaceAll('/sys/fs/cgroup', '"$ROOT"');
    const { stdout } = spawnSync(program, [...options, script, 'recac-control', root, root], {
      env: { ...process.env, ROOT: root },
      input: '_rcmemory\n',
    });
    expect(stdout.toString()).toBe(`ready\n${count}\n`);
  });
});
