import fc from 'fast-check';
import { expect, test } from 'vitest';
import { findShells } from './find-shells.ts';
import { withEnvironment } from './with-environment.ts';

const word = fc.uint8Array({ min: 1, max: 255, maxLength: 60 });
const name = fc
  .string({ minLength: 1, maxLength: 12 })
  .filter((text) => !/[=\0]/.test(text) && !['_', 'PATH', 'RECAC_EXEC', 'RECAC_ENVIRONMENT'].includes(text));

const withNul = (values: readonly Uint8Array[]): Buffer =>
  Buffer.concat(values.map((value) => Buffer.concat([value, Buffer.from([0])])));

const shells = findShells().filter(({ missing }) => !missing);

test.each(shells)('under $name, arguments of any bytes arrive', async ({ argv }) => {
  await withEnvironment(
    async ({ engine, id }) => {
      await fc.assert(
        fc.asyncProperty(fc.array(word, { minLength: 1, maxLength: 20 }), async (words) => {
          const result = await engine.exec(id, ['/usr/bin/printf', '%s\\0', ...words]);
          expect(Buffer.from(result.stdoutData)).toEqual(withNul(words));
        }),
        { numRuns: 40 },
      );
    },
    { shell: argv },
  );
});

test.each(shells)('under $name, variables of any name and bytes arrive', async ({ argv }) => {
  await withEnvironment(
    async ({ engine, id }) => {
      await fc.assert(
        fc.asyncProperty(fc.dictionary(name, word, { maxKeys: 5 }), async (environmentVariables) => {
          const { stdoutData } = await engine.exec(id, ['/usr/bin/env', '-0'], { environmentVariables });
          const lines = new Set(Buffer.from(stdoutData).toString('latin1').split('\0'));
          for (const [key, value] of Object.entries(environmentVariables)) {
            const line = Buffer.concat([Buffer.from(`${key}=`), value]).toString('latin1');
            expect(lines).toContain(line);
          }
        }),
        { numRuns: 30 },
      );
    },
    { shell: argv },
  );
});
