import { expect, test } from 'vitest';
import { findShells } from './find-shells.ts';
import { withEnvironment } from './with-environment.ts';

const shells = findShells().filter(({ missing }) => !missing);

test.each(shells)(
  'under $name, a command that is cancelled as soon as it has started ends by SIGTERM, before its session exists as well',
  async ({ argv }) => {
    await withEnvironment(
      async ({ engine, id }) => {
        for (let round = 0; round < 40; round += 1) {
          const handle = await engine.spawn(id, ['sleep', '60'], { killGraceMs: 20_000 });
          await handle.cancel();
          expect(await handle.wait()).toMatchObject({ outcome: { type: 'cancelled' }, killed: { signal: 'SIGTERM' } });
        }
      },
      { shell: argv },
    );
  },
  120_000,
);
