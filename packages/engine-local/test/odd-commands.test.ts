import { expect, test } from 'vitest';
import { findShells } from './find-shells.ts';
import { withEnvironment } from './with-environment.ts';

const shells = findShells().filter(({ missing }) => !missing);

test.each(shells)('under $name, a PATH without our own programs still runs a command by its path', async ({ argv }) => {
  await withEnvironment(
    async ({ engine, id }) => {
      for (const odd of [{}, { 'A.B': '1' }]) {
        const environmentVariables = { PATH: '/nonexistent', ...odd };
        const result = await engine.exec(id, ['/bin/echo', 'ran'], { environmentVariables });
        expect([result.stdout, result.stderr, result.exitCode]).toEqual(['ran\n', '', 0]);
      }
    },
    { shell: argv },
  );
});

test.each(shells)('under $name, a program with = in its path is run, not taken for a variable', async ({ argv }) => {
  await withEnvironment(
    async ({ engine, id }) => {
      const make = 'mkdir x=y; printf "#!/bin/sh\\necho ran; exit 3\\n" >x=y/tool; chmod +x x=y/tool';
      await engine.exec(id, ['sh', '-c', make]);
      const result = await engine.exec(id, ['./x=y/tool'], { environmentVariables: { 'A.B': '1' } });
      expect([result.stdout, result.exitCode]).toEqual(['ran\n', 3]);
    },
    { shell: argv },
  );
});
