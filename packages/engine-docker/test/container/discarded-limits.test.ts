import type { EnvironmentSpec } from '@recac/engine-core';
import { expect, test } from 'vitest';
import { createDockerEngine } from '../../src/index.ts';
import { type FakeAnswer, type FakeRequest, startFakeDaemon } from '../fake-daemon.ts';

/** The warnings of a start on a daemon that says this of itself, and makes no container. */
async function warningsOf(
  info: object,
  spec: Partial<EnvironmentSpec> = {},
  headers: Readonly<Record<string, string>> = {},
): Promise<readonly string[]> {
  const answer = ({ path }: FakeRequest): FakeAnswer | undefined => {
    if (path === '/info') return { json: { SystemTime: new Date().toISOString(), ...info } };
    return path === '/containers/create' ? { status: 400, json: { message: 'not today' } } : undefined;
  };
  await using daemon = await startFakeDaemon('1.47', answer, headers);
  await using engine = createDockerEngine({ host: daemon.host });
  const warnings: string[] = [];
  const starting = engine.startEnvironment(
    { sessionId: 'limits', image: 'a', ...spec },
    { onWarning: (text) => warnings.push(text) },
  );
  await expect(starting).rejects.toThrow('not today');
  return warnings;
}

const askedFor = { resources: { limits: { memory: '512Mi' } } };

test('a daemon without control groups for memory and processes is told of', async () => {
  const warnings = await warningsOf({ MemoryLimit: false, SwapLimit: false, PidsLimit: false }, askedFor);
  expect(warnings).toEqual([expect.stringMatching(/cannot limit memory and the number of processes: /)]);
});

test('one that cannot limit swap is told of to whom memory matters', async () => {
  expect(await warningsOf({ SwapLimit: false }, askedFor)).toEqual([expect.stringContaining('cannot limit swap, ')]);
  expect(await warningsOf({ SwapLimit: false })).toEqual([]);
});

test('one that keeps all limits, or does not say, is not', async () => {
  expect(await warningsOf({ MemoryLimit: true, SwapLimit: true, PidsLimit: true }, askedFor)).toEqual([]);
  expect(await warningsOf({}, askedFor)).toEqual([]);
});

// No issue number: a review found that Podman looks at a file of control groups version 1 alone.
test('what Podman says of swap says nothing', async () => {
  const podman = { 'libpod-api-version': '4.3.1' };
  expect(await warningsOf({ MemoryLimit: true, SwapLimit: false, PidsLimit: true }, askedFor, podman)).toEqual([]);
});
