import { Buffer } from 'node:buffer';
import process from 'node:process';
import { describeCluster } from '@recac/e2e-cluster';
import type { StartEvent } from '@recac/engine-core';
import { expect, test, vi } from 'vitest';
import { busyboxImage, failedStart, inNamespace } from '../test-namespace.ts';

vi.setConfig({ testTimeout: 180_000 });

/** SPARC V9: Kubernetes has no nodes of it. */
const foreignMachine = 43;

/** Ends with 3 at once: number of the machine, and its code. */
const endings: Readonly<Record<string, readonly [number, string]>> = {
  x64: [62, 'bf03000000b83c0000000f05'],
  arm64: [183, '600080d2a80b80d2010000d4'],
};

/** A program of one segment, as small as Linux takes it. */
function toProgram(machine: number, code: string): string {
  const start = 0x400000n;
  const header = Buffer.alloc(120);
  header.write('\x7fELF\x02\x01\x01', 'latin1');
  for (const [at, value] of [
    [16, 2],
    [18, machine],
    [20, 1],
    [52, 64],
    [54, 56],
    [56, 1],
    [64, 1],
    [68, 5],
  ] as const)
    header.writeUInt16LE(value, at);
  for (const [at, value] of [
    [24, start + 120n],
    [32, 64n],
    [80, start],
    [88, start],
    [96, 200n],
    [104, 200n],
    [112, 4_096n],
  ] as const)
    header.writeBigUInt64LE(value, at);
  return Buffer.concat([header, Buffer.from(code, 'hex'), Buffer.alloc(80)]).toString('base64');
}

/** A pod in which `sh` is another program. */
const volumes = [{ name: 'shell', configMap: { name: 'shell', defaultMode: 0o755 } }];
const volumeMounts = [{ name: 'shell', mountPath: '/bin/busybox', subPath: 'busybox' }];
const podTemplate = { spec: { volumes, containers: [{ name: 'agent', volumeMounts }] } };
const toShell = (busybox: string) => ({ metadata: { name: 'shell' }, binaryData: { busybox } });

describeCluster('causes that the kubelet and the Job controller word themselves', ({ kubeconfig }) => {
  test('a main process that is killed for memory: the command is lost, and both it and the list say so', () =>
    inNamespace(kubeconfig, { resources: { limits: { memory: '32Mi' } } }, async ({ engine }) => {
      const { id } = await engine.startEnvironment({ sessionId: 'memory', image: busyboxImage });
      // What a file in memory holds cannot be taken back, so whatever asks for more is killed, sooner or later the main process.
      const filling = 'dd if=/dev/zero of=/dev/shm/full bs=1M count=60; while :; do sh -c true; done';
      const fill = async () => (await engine.exec(id, ['sh', '-c', filling], { timeoutMs: 5_000 })).outcome;
      const isLost = ({ type }: { readonly type: string }) => type === 'lost';
      const outcome = await vi.waitUntil(async () => [await fill()].find(isLost), { timeout: 60_000 });
      expect(outcome).toMatchObject({ reason: expect.stringMatching(/more memory than its limit/) });
      const status = () => engine.listEnvironments().then(([found]) => found?.reason);
      await expect.poll(status, { timeout: 20_000 }).toBe('OOMKilled');
      await engine.stopEnvironment(id);
    }));

  test('a longest life that ends under a command is its cause', () =>
    inNamespace(kubeconfig, { lifetimeMs: 10_000 }, async ({ engine }) => {
      const { id } = await engine.startEnvironment({ sessionId: 'short', image: busyboxImage });
      const seen = new Set<string | undefined>();
      const watching = setInterval(() => {
        engine.listEnvironments().then(
          ([found]) => seen.add(found?.reason),
          () => {},
        );
      }, 250);
      try {
        const { outcome } = await engine.exec(id, ['sleep', '60']);
        expect(outcome).toMatchObject({ type: 'lost', reason: expect.stringMatching(/longest life/) });
        await vi.waitUntil(async () => (await engine.listEnvironments())[0]?.phase === 'Failed', { timeout: 20_000 });
      } finally {
        clearInterval(watching);
      }
      expect([...seen]).toEqual([undefined, 'DeadlineExceeded']);
      expect(await engine.listEnvironments()).toMatchObject([{ reason: 'DeadlineExceeded' }]);
      await engine.stopEnvironment(id);
    }));

  test('a scheduling gate that nobody lifts is named at the pending limit', () =>
    inNamespace(
      kubeconfig,
      { podTemplate: { spec: { schedulingGates: [{ name: 'example.com/queue' }] } } },
      async (given) => {
        const error = await failedStart(given, { pendingTimeoutMs: 4_000 });
        expect(error).toMatchObject({ code: 'RECAC_ENVIRONMENT_START_TIMEOUT', details: { phase: 'schedule' } });
        expect(error.message).toMatch(/scheduling gates/);
      },
    ));

  test('a Job that is suspended, as by a queue, is waited for and named until somebody lets it begin', () =>
    inNamespace(kubeconfig, {}, async ({ engine, client, create, namespace }) => {
      const signal = AbortSignal.timeout(60_000);
      const jobs = `/apis/batch/v1/namespaces/${namespace}/jobs`;
      const suspend = (isSuspended: boolean) =>
        client.request({
          method: 'PATCH',
          path: `${jobs}/recac-agent-queued`,
          contentType: 'application/merge-patch+json',
          body: { spec: { suspend: isSuspended } },
          signal,
        });
      const told: string[] = [];
      const onEvent = ({ message }: StartEvent) => void (message !== undefined && told.push(message));
      const isTold = (words: RegExp) => expect.poll(() => told.at(-1), { timeout: 20_000 }).toMatch(words);
      // So that there is no pod when it is suspended.
      await create('resourcequotas', { metadata: { name: 'few' }, spec: { hard: { pods: '0' } } });
      const starting = engine.startEnvironment({ sessionId: 'queued', image: busyboxImage }, { onEvent });
      await isTold(/quota few/);
      await suspend(true);
      await isTold(/^waiting: the Job is suspended/);
      const path = `/api/v1/namespaces/${namespace}/resourcequotas/few`;
      await client.request({ method: 'DELETE', path, signal });
      await suspend(false);
      await engine.stopEnvironment((await starting).id);
    }));

  test('a container that the runtime refuses to create', () => {
    const seccompProfile = { type: 'Localhost', localhostProfile: 'absent.json' };
    const first = { name: 'first', image: busyboxImage, command: ['true'], securityContext: { seccompProfile } };
    return inNamespace(kubeconfig, { podTemplate: { spec: { initContainers: [first] } } }, async (given) => {
      const error = await failedStart(given, { pendingTimeoutMs: 60_000 });
      expect(error).toMatchObject({
        code: 'RECAC_ENVIRONMENT_START_FAILED',
        details: { reason: 'CreateContainerError' },
      });
      expect(error.message).toMatch(/^init container first: .*seccomp profile/);
    });
  });

  test('a shell for another processor', () =>
    inNamespace(kubeconfig, { podTemplate }, async (given) => {
      await given.create('configmaps', toShell(toProgram(foreignMachine, '')));
      const error = await failedStart(given, { pendingTimeoutMs: 60_000 });
      expect(error).toMatchObject({ code: 'RECAC_ENVIRONMENT_START_FAILED', details: { reason: 'WrongPlatform' } });
    }));

  test.each(['Never', 'OnFailure'] as const)('a shell that ends at once, with restart policy %s', (restartPolicy) =>
    inNamespace(kubeconfig, { podTemplate, restartPolicy }, async (given) => {
      const ending = endings[process.arch];
      await given.create('configmaps', toShell(toProgram(...(ending ?? expect.fail(`no code for ${process.arch}`)))));
      const error = await failedStart(given, { pendingTimeoutMs: 60_000 });
      expect(error).toMatchObject({ code: 'RECAC_ENVIRONMENT_START_FAILED', details: { phase: 'start' } });
      expect(error.message).toMatch(/exit code 3/);
    }),
  );
});
