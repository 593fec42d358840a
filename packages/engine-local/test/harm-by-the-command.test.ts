import { RecacError } from '@recac/engine-core';
import { expect, test } from 'vitest';
import { findShells } from './find-shells.ts';
import { type TestEnvironment, withEnvironment } from './with-environment.ts';

const shells = findShells().filter(({ missing }) => !missing);
const signals = ['USR1', 'USR2', 'HUP', 'INT', 'TERM', 'PIPE', 'KILL'];

/** A command that fails must never seem to have succeeded, and the engine must work on. */
async function neverSucceeds({ engine, id, records }: TestEnvironment, script: string): Promise<void> {
  const harmful = ['sh', '-c', `${script}; echo after; exit 3`];
  const options = { environmentVariables: { RECORDS: records } };
  const result = await engine.exec(id, harmful, options).catch((error: unknown) => error);
  if (RecacError.isInstance(result)) expect(result.code).toBe('RECAC_EXEC_FAILED');
  else expect(result).not.toMatchObject({ outcome: { type: 'exited', code: 0 } });
}

test.each(shells)('under $name, signals to its dispatcher make no command succeed', async ({ argv }) => {
  await withEnvironment(
    async (environment) => {
      for (const signal of signals) {
        await neverSucceeds(environment, `kill -${signal} $PPID; sleep 0.02`);
        const next = await environment.engine.exec(environment.id, ['sh', '-c', 'echo next; exit 4']);
        expect([signal, next.stdout, next.outcome]).toEqual([signal, 'next\n', { type: 'exited', code: 4 }]);
      }
    },
    { shell: argv },
  );
});

test.each(shells)('under $name, a command that deletes the records never seems to succeed', async ({ argv }) => {
  await withEnvironment(
    async (environment) => {
      await neverSucceeds(environment, 'rm -rf "$RECORDS"/*');
      await neverSucceeds(environment, 'rm -rf "$RECORDS"');
    },
    { shell: argv },
  );
});

test.each(shells)('under $name, a command that kills its pumps never seems to succeed', async ({ argv }) => {
  await withEnvironment(
    async (environment) => {
      const children = '/proc/$PPID/task/$PPID/children';
      await neverSucceeds(environment, `for p in $(cat ${children}); do [ $p = $$ ] || kill -9 $p; done`);
      const next = await environment.engine.exec(environment.id, ['echo', 'next']);
      expect(next.outcome).toEqual({ type: 'exited', code: 0 });
      expect(next.stdout.endsWith('next\n')).toBe(true);
    },
    { shell: argv },
  );
});
