import { expect, test } from 'vitest';
import { findShells } from './find-shells.ts';
import { withEnvironment } from './with-environment.ts';

for (const { name, argv, missing } of findShells()) {
  for (const recordLimitBytes of [undefined, 1_000]) {
    test.skipIf(missing)(
      `a background child that writes without pause does not hold up the result (${name}, record limit ${recordLimitBytes})`,
      async () => {
        await withEnvironment(
          async ({ engine, id }) => {
            const command = ['sh', '-c', 'echo first; yes & exit 3'];
            const result = await engine.exec(id, command, { timeoutMs: 15_000, maxOutputBytes: 6 });
            expect(result.outcome).toEqual({ type: 'exited', code: 3 });
            expect(result.stdout).toBe('first\n');
            expect(result.outputHeldOpen).toBe(true);
          },
          { shell: argv, ...(recordLimitBytes === undefined ? {} : { recordLimitBytes }) },
        );
      },
      40_000,
    );
  }
}
