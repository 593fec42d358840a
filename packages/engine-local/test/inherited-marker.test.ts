import { expect, test } from 'vitest';
import { findShells } from './find-shells.ts';
import { isAlive, withEnvironment } from './with-environment.ts';

const shells = findShells().filter(({ missing }) => !missing);

test.each(shells)(
  'under $name, a command that is given the variables of another carries its own marker, and is swept by it',
  async ({ argv }) => {
    await withEnvironment(
      async ({ engine, id }) => {
        const script = 'setsid sleep 60 >/dev/null 2>&1 & echo $! $RECAC_EXEC; wait';
        const environmentVariables = { RECAC_EXEC: '01234567-1-1.', 'A.B': '1' };
        const handle = await engine.spawn(id, ['sh', '-c', script], { environmentVariables });
        let text = '';
        for await (const piece of handle.stdout) {
          text += Buffer.from(piece).toString();
          if (text.endsWith('\n')) break;
        }
        const [escapee, marker] = text.trim().split(' ');
        expect(marker).toBe(`${handle.execId}.`);
        await handle.cancel();
        expect((await handle.wait()).killed).toMatchObject({ survivors: [] });
        expect(isAlive(Number(escapee))).toBe(false);
      },
      { shell: argv },
    );
  },
);
