import { RecacError, type StartEvent } from '@recac/engine-core';
import { expect, test } from 'vitest';
import type { CreateContext, EngineDriver } from '../src/engine-driver.ts';
import { startEnvironment } from '../src/start-environment.ts';

const limits = { maxLanes: 1, idleLaneMs: 1, recordLimitBytes: 1 };

/** A start with a driver whose creation does only this, and never succeeds. */
async function failedStart(
  create: (context: CreateContext) => Promise<never>,
  options: { readonly pendingTimeoutMs?: number; readonly signal?: AbortSignal; onEvent?(event: StartEvent): void },
): Promise<RecacError> {
  const { pendingTimeoutMs, ...rest } = options;
  const spec = { sessionId: 'x', ...(pendingTimeoutMs === undefined ? {} : { pendingTimeoutMs }) };
  const driver = { create: (_: unknown, context: CreateContext) => create(context) } as unknown as EngineDriver;
  return await startEnvironment(driver, spec, rest, limits).then(
    () => expect.unreachable('it started'),
    (error: unknown) => error as RecacError,
  );
}

const untilAborted = ({ signal }: CreateContext) =>
  new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve()));

test('every event of a start says how long its phase may take: what was left of the pending limit when it began', async () => {
  const events: StartEvent[] = [];
  const onEvent = (event: StartEvent) => void events.push(event);
  await failedStart(
    async (context) => {
      context.onEvent({ phase: 'admit', state: 'started', elapsedMs: 0 });
      await new Promise((resolve) => setTimeout(resolve, 60));
      context.onEvent({ phase: 'admit', state: 'waiting', elapsedMs: 60, message: 'waiting: for room' });
      context.onEvent({ phase: 'admit', state: 'finished', elapsedMs: 60 });
      context.onEvent({ phase: 'pull', state: 'started', elapsedMs: 0 });
      throw new RecacError('RECAC_IMAGE_NOT_FOUND', 'there is no such image.');
    },
    { pendingTimeoutMs: 5_000, onEvent },
  );
  const [first, waiting, finished, pull] = events.map(({ limitMs = Number.NaN }) => limitMs);
  expect(first).toBeGreaterThan(4_900);
  expect(first).toBeLessThanOrEqual(5_000);
  expect([waiting, finished]).toEqual([first, first]);
  expect(pull).toBeLessThan(4_960);
  expect(pull).toBeGreaterThan(4_000);
});

test('a start that takes too long tells what its driver has found out, and what it could not remove', async () => {
  const error = await failedStart(
    async (context) => {
      context.onEvent({ phase: 'pull', state: 'waiting', elapsedMs: 0, message: 'waiting: for the registry' });
      await untilAborted(context);
      expect(context.signal.reason).toMatchObject({ code: 'RECAC_ENVIRONMENT_START_TIMEOUT' });
      throw new RecacError('RECAC_ABORTED', 'cancelled.', {
        details: {
          evidence: ['pod x: Pending', 'Pulling: Pulling image "x"'],
          cleanup: 'job/x is left: no right to delete jobs.',
          left: ['job/x'],
        },
      });
    },
    { pendingTimeoutMs: 30 },
  );
  expect(error).toMatchObject({
    code: 'RECAC_ENVIRONMENT_START_TIMEOUT',
    details: {
      phase: 'pull',
      reason: 'waiting: for the registry',
      evidence: ['pod x: Pending', 'Pulling: Pulling image "x"'],
      cleanup: 'job/x is left: no right to delete jobs.',
      left: ['job/x'],
    },
  });
  expect(error.message).toBe(
    'the environment was not ready after 30 ms in phase pull (waiting: for the registry). Last seen: Pulling: Pulling image "x". Raise the pending timeout, or remove the cause. Not everything could be removed again: job/x is left: no right to delete jobs.',
  );
});

test.each(['cancelled', 'failed'])('a start that %s tells what it could not remove', async (how) => {
  const controller = new AbortController();
  if (how === 'cancelled') setTimeout(() => controller.abort(), 20);
  const error = await failedStart(
    async (context) => {
      if (how === 'cancelled') await untilAborted(context);
      const details = { reason: 'Evicted', cleanup: 'job/x is left: stuck.', left: ['job/x'] };
      throw new RecacError('RECAC_ENVIRONMENT_START_FAILED', 'it was evicted.', { details });
    },
    { signal: controller.signal },
  );
  expect(error.code).toBe(how === 'cancelled' ? 'RECAC_ABORTED' : 'RECAC_ENVIRONMENT_START_FAILED');
  expect(error.details).toMatchObject({ cleanup: 'job/x is left: stuck.', left: ['job/x'] });
  expect(error.message).toMatch(/\. Not everything could be removed again: job\/x is left: stuck\.$/);
});
