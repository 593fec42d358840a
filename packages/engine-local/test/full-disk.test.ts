import { spawnSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { createLocalEngine } from '../src/index.ts';
import { withStateDirectory } from './with-environment.ts';

const written = 8 * 1_048_576;

test('a full disk under the records: the command is not killed, and what is missing is said', async (context) => {
  await withStateDirectory(async (stateDirectory) => {
    const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=2m', 'tmpfs', stateDirectory]).status === 0;
    if (!mounted) {
      if (process.env.CI === 'true' || process.env.RECAC_REQUIRE_ALL === '1') throw new Error('mount is required here');
      context.skip('a small file system cannot be mounted here: needs root');
    }
    try {
      await using engine = createLocalEngine({ stateDirectory });
      const { id } = await engine.startEnvironment({ sessionId: 'test' });
      const result = await engine.exec(id, ['sh', '-c', `head -c ${written} /dev/zero; echo $? >&2`]);
      expect(result.outcome).toEqual({ type: 'exited', code: 0 });
      expect(result.truncated).toBe(true);
      expect(result.stdoutData.length + result.stderrData.length).toBeLessThan(written);
      const request = ['sh', '-c', 'exit 3', 'x'.repeat(20_000)];
      const large = await engine.exec(id, request).catch((error: unknown) => error);
      expect(large).not.toMatchObject({ outcome: { type: 'exited', code: 0 } });
      const next = await engine.exec(id, ['echo', 'next']).catch((error: unknown) => error);
      expect(next).toSatisfy((one) => isResultOrError(one));
      await engine.stopEnvironment(id);
      const { id: again } = await engine.startEnvironment({ sessionId: 'test' });
      expect((await engine.exec(again, ['echo', 'again'])).stdout).toBe('again\n');
      await engine.stopEnvironment(again);
    } finally {
      spawnSync('umount', ['-l', stateDirectory]);
    }
  });
});

/** All of the output, or a result that says it is not all, or an error with a code. */
function isResultOrError(one: unknown): boolean {
  const { stdout, truncated, outcome, code } = one as Record<string, unknown>;
  return (
    typeof code === 'string' ||
    stdout === 'next\n' ||
    truncated === true ||
    (outcome as { type: string }).type === 'lost'
  );
}
