import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ContainerEngine } from '@recac/engine-core';
import { RecacError } from '@recac/engine-core';
import { assertExited } from '../assert-outcome.ts';
import type { ConformanceCase } from '../conformance-case.ts';
import type { ConformanceContext } from '../conformance-context.ts';
import { shell } from '../shell-command.ts';
import { waitUntil } from '../wait-until.ts';

const port = 18_082;
const memoryFiles = ['/sys/fs/cgroup/memory.max', '/sys/fs/cgroup/memory/memory.limit_in_bytes'];
const processorFiles = ['/sys/fs/cgroup/cpu.max', '/sys/fs/cgroup/cpu/cpu.cfs_quota_us'];

/** What the first of these files that is there says; undefined when none is. */
async function readFirst(engine: ContainerEngine, id: string, paths: readonly string[]): Promise<string | undefined> {
  for (const path of paths) {
    const { exitCode, stdout } = await engine.exec(id, ['cat', path]);
    if (exitCode === 0) return stdout.trim();
  }
  return undefined;
}

/** A container that hides its own limits could not be believed; another machine may have no such files. */
function assertLimit(context: ConformanceContext, found: string | undefined, expected: RegExp, what: string): void {
  if (found === undefined && context.engine.capabilities.isolation !== 'container') return;
  assert.match(found ?? 'nothing', expected, `the limit of ${what} inside`);
}

/** True where packets can leave: some kernels give every network interfaces, but not routes. */
async function hasRoutes(engine: ContainerEngine, id: string): Promise<boolean> {
  const devices = "awk 'NR > 1 { print $1 }' /proc/net/route; awk '{ print $NF }' /proc/net/ipv6_route";
  const { stdout, exitCode } = await engine.exec(id, shell(`command -v awk >&2 || exit; ${devices}; true`));
  assert.equal(exitCode, 0, 'the image has no awk to tell what routes there are');
  return stdout.split('\n').some((device) => device !== '' && device !== 'lo');
}

/** Address of the machine that the environment's packets go to first; undefined when there is none. */
async function findGateway(engine: ContainerEngine, id: string): Promise<string | undefined> {
  const { stdout } = await engine.exec(id, shell(`awk '$2 == "00000000" { print $3; exit }' /proc/net/route`));
  const bytes = stdout.trim().match(/../g);
  return bytes?.length === 4
    ? bytes
        .map((byte) => Number.parseInt(byte, 16))
        .reverse()
        .join('.')
    : undefined;
}

/** What came of a connection: a rule may refuse one too, in the name of whom it protects. */
async function connect(
  engine: ContainerEngine,
  id: string,
  address: string,
): Promise<'connected' | 'refused' | 'unreached'> {
  const command = shell(`LC_ALL=C nc -w 3 "$1" ${port} </dev/null >/dev/null`, address);
  const { exitCode, stderr } = await engine.exec(id, command, { timeoutMs: 20_000 });
  if (exitCode === 0) return 'connected';
  return stderr.includes('refused') ? 'refused' : 'unreached';
}

/**
 * Rules keep it apart, then: what an open environment reaches is out of reach. That is another one, or, where those do not reach each other, the machine beside them; with neither there is nothing
 * to compare with.
 */
async function assertApart(context: ConformanceContext, id: string): Promise<void> {
  const { engine } = context;
  const [server, peer] = await Promise.all([context.start({ network: 'open' }), context.start({ network: 'open' })]);
  await engine.spawn(server.id, shell(`while :; do nc -l -p ${port} </dev/null >/dev/null; done`));
  const reachesItself = async () => (await connect(engine, server.id, '127.0.0.1')) === 'connected';
  await waitUntil(reachesItself, 15_000 * context.slow, 'a connection to itself: does the image have nc?');
  const address = (await engine.exec(server.id, ['hostname', '-i'])).stdout.trim().split(' ')[0] ?? '';
  for (let time = 0; time < 8; time += 1) {
    if ((await connect(engine, peer.id, address)) === 'connected') {
      // The server takes one connection after the other: it may be between two.
      const results = [1, 2, 3].map(() => connect(engine, id, address));
      assert.ok(!(await Promise.all(results)).includes('connected'), 'an environment without network reaches another');
      return;
    }
    await sleep(300);
  }
  const [open, own] = [await findGateway(engine, peer.id), await findGateway(engine, id)];
  if (open === undefined || own === undefined || (await connect(engine, peer.id, open)) === 'unreached') return;
  const result = await connect(engine, id, own);
  assert.equal(result, 'unreached', 'an environment without network reaches the machine beside it');
}

/** Cases of group `capabilities` that look inside whether what was asked for is so. */
export const capabilitiesInsideCases: readonly ConformanceCase[] = [
  {
    id: 'capabilities/resource-limits',
    contract: 'An environment with resource requests and limits starts, runs commands, and has these limits.',
    requires: ['resourceLimits'],
    async run(context) {
      const { id } = await context.start({
        resources: { requests: { cpu: '50m', memory: '32Mi' }, limits: { cpu: '1', memory: '256Mi' } },
      });
      assertExited(await context.engine.exec(id, ['true']));
      const memory = await readFirst(context.engine, id, memoryFiles);
      assertLimit(context, memory, /^268435456$/, 'memory');
      const processor = await readFirst(context.engine, id, processorFiles);
      assertLimit(context, processor, /^(\d+) \1$|^100000$/, 'CPU');
    },
  },
  {
    id: 'capabilities/network-presets',
    contract: 'An environment without network starts, runs commands, and reaches nothing of what an open one reaches.',
    requires: ['networkPresets'],
    deadlineMs: 120_000,
    async run(context) {
      const { id } = await context.start({ network: 'none' });
      assertExited(await context.engine.exec(id, ['true']));
      if (await hasRoutes(context.engine, id)) await assertApart(context, id);
    },
  },
  {
    id: 'capabilities/read-only-bind',
    contract:
      'A directory that is bound read-only can be read and not written, or is refused with RECAC_CAPABILITY_UNSUPPORTED.',
    requires: ['bindMount'],
    async run(context) {
      const hostPath = await context.temporaryDirectory();
      await writeFile(join(hostPath, 'file'), 'before', { mode: 0o666 });
      const workspace = { type: 'bind', hostPath, readOnly: true } as const;
      const started = await context.start({ workspace }).catch((error: unknown) => {
        if (RecacError.isInstance(error) && error.code === 'RECAC_CAPABILITY_UNSUPPORTED') return undefined;
        throw error;
      });
      if (started === undefined) return;
      const { engine } = context;
      assert.equal((await engine.exec(started.id, ['cat', 'file'])).stdout, 'before');
      for (const script of ['echo after >file', 'echo x >new', 'rm file'])
        assert.notEqual((await engine.exec(started.id, shell(script))).exitCode, 0, script);
      assert.equal(await readFile(join(hostPath, 'file'), 'utf8'), 'before');
    },
  },
];
