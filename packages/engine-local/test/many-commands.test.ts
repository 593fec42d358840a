import { expect, test } from 'vitest';
import { findShells } from './find-shells.ts';
import { processesOf, until, withEnvironment } from './with-environment.ts';

const shells = findShells().filter(({ missing }) => !missing);

/** What a command prints, and what the record must give back: text, bytes, both streams, nothing, a last line without its newline. */
const outputs: readonly (readonly [script: string, stdout: string, stderr: string])[] = [
  ['echo ok', 'ok\n', ''],
  ['true', '', ''],
  ['printf "a\\000b\\nc"', 'a\0b\nc', ''],
  ['printf "no newline"', 'no newline', ''],
  ['printf "\\t\\n\\n  x  \\n\\\\ \\n"', '\t\n\n  x  \n\\ \n', ''],
  ['echo é; echo err >&2', 'é\n', 'err\n'],
  ['echo err >&2', '', 'err\n'],
  ['head -c 600 /dev/zero', '\0'.repeat(600), ''],
];

test.each(shells)(
  'under $name, a few hundred quick commands at once: each gets its own output',
  async ({ argv }) => {
    await withEnvironment(
      async ({ engine, id }) => {
        let next = 0;
        const caller = async (): Promise<void> => {
          while (next < 240) {
            const number = next++;
            const [script, stdout, stderr] = outputs[number % outputs.length] as (typeof outputs)[number];
            const result = await engine.exec(id, ['sh', '-c', `${script}; exit ${number % 200}`]);
            expect([result.stdout, result.stderr, result.exitCode, result.droppedBytes]).toEqual([
              stdout,
              stderr,
              number % 200,
              0,
            ]);
          }
        };
        await Promise.all([caller(), caller(), caller(), caller(), caller(), caller()]);
      },
      { shell: argv },
    );
  },
  120_000,
);

test.each(shells)(
  'under $name, releases that come at any time neither cut an output nor stop the lane',
  async ({ argv }) => {
    await withEnvironment(
      async ({ engine, id }) => {
        const held = async (): Promise<void> => {
          for (let round = 0; round < 6; round += 1) {
            const result = await engine.exec(id, ['sh', '-c', 'sleep 5 & echo held; exit 5']);
            expect([result.stdout, result.exitCode, result.outputHeldOpen]).toEqual(['held\n', 5, true]);
          }
        };
        const late = async (): Promise<void> => {
          for (let round = 0; round < 12; round += 1) {
            const result = await engine.exec(id, ['sh', '-c', '(sleep 0.06; echo late) & echo early']);
            if (!result.outputHeldOpen) expect(result.stdout).toBe('early\nlate\n');
            else expect('early\nlate\n'.startsWith(result.stdout)).toBe(true);
            expect((await engine.exec(id, ['echo', 'next'])).stdout).toBe('next\n');
          }
        };
        await Promise.all([held(), late(), late()]);
      },
      { shell: argv },
    );
  },
  60_000,
);

test.each(shells)(
  'under $name, a lane costs as many processes after hundreds of commands as after one',
  async ({ argv }) => {
    await withEnvironment(
      async ({ engine, id, stateDirectory }) => {
        await engine.exec(id, ['true']);
        const atFirst = processesOf(id, stateDirectory).length;
        for (let done = 0; done < 260; done += 1) await engine.exec(id, ['true']);
        // A control lane, and the pumps of a segment that has just ended.
        await until(() => processesOf(id, stateDirectory).length <= atFirst + 3, 'no more processes than at first');
      },
      { shell: argv },
    );
  },
);
