import { readFileSync, readlinkSync } from 'node:fs';
import { setTimeout } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { findShells } from './find-shells.ts';
import { processesOf, until, withEnvironment } from './with-environment.ts';

function isPump(pid: number): boolean {
  try {
    return /(^|\/|\0)cat\0-\0/.test(readFileSync(`/proc/${pid}/cmdline`, 'latin1'));
  } catch {
    return false;
  }
}

function reads(pid: number, stream: 'o' | 'e'): boolean {
  return new RegExp(`-\\d+\\.${stream}$`).test(readlinkSync(`/proc/${pid}/fd/0`));
}

for (const { name, argv, missing } of findShells()) {
  for (const stream of ['o', 'e'] as const) {
    for (const count of [1, 2]) {
      test.skipIf(missing)(
        `a pump that stands still since the last command is not taken for one that has copied this one (${name}, ${stream}, after ${count})`,
        async () => {
          await withEnvironment(
            async ({ engine, id, stateDirectory }) => {
              for (let done = 0; done < count; done += 1) await engine.exec(id, ['true']);
              const [pump] = processesOf(id, stateDirectory).filter((pid) => isPump(pid) && reads(pid, stream));
              process.kill(pump as number, 'SIGSTOP');
              const running = engine.exec(id, ['sh', '-c', 'echo out; echo err >&2']);
              const early = await Promise.race([running, setTimeout(1_500)]);
              process.kill(pump as number, 'SIGCONT');
              expect(early).toBeUndefined();
              expect(await running).toMatchObject({ stdout: 'out\n', stderr: 'err\n', outputHeldOpen: false });
              expect(await engine.exec(id, ['echo', 'next'])).toMatchObject({ stdout: 'next\n', stderr: '' });
              await until(() => !processesOf(id, stateDirectory).includes(pump as number), 'the old pump has ended');
            },
            { shell: argv },
          );
        },
      );
    }
  }
}
