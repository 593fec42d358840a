import assert from 'node:assert/strict';
import { type BenchmarkRow, limitResult, ratioResult } from '../../benchmark-row.ts';
import { withDockerEnvironments } from '../../docker/docker-environment.ts';
import { inParallel } from '../../docker/in-parallel.ts';
import { rawExec } from '../../docker/raw-exec.ts';

const callers = 4;
const script = 'BEGIN { for (i = 0; i < 512; i++) printf "%07d\\n", n * 512 + i; exit n % 256 }';

function commandOf(index: number): readonly [string, ...string[]] {
  return ['awk', '-v', `n=${index}`, script];
}

function isRight(index: number, code: number, stdout: string): boolean {
  const lines = Array.from({ length: 512 }, (_, line) => `${String(index * 512 + line).padStart(7, '0')}\n`);
  return code === index % 256 && stdout === lines.join('');
}

/** B6: many commands, each with 4 KiB of its own and an exit code of its own. */
export const exactOutput: BenchmarkRow = {
  id: 'B6-docker',
  title: `commands with 4 KiB of output each, ${callers} callers: every byte and exit code, and the time`,
  peer: 'node:http: POST exec, POST exec start taken over, GET exec',
  run: ({ quick }) =>
    withDockerEnvironments(1, async (engine, [id = '']) => {
      const count = quick ? 100 : 1_000;
      const wrong = { ours: 0, peer: 0 };
      const time = async (who: 'ours' | 'peer', work: typeof ours): Promise<number> => {
        const begin = performance.now();
        await inParallel(count, callers, async (index) => {
          const { code, stdout } = await work(index);
          if (!isRight(index, code, stdout)) wrong[who] += 1;
        });
        return performance.now() - begin;
      };
      const ours = async (index: number): Promise<{ readonly code: number; readonly stdout: string }> => {
        const { exitCode, stdout } = await engine.exec(id, commandOf(index));
        return { code: exitCode, stdout };
      };
      const peer: typeof ours = async (index) => {
        const { code, stdout } = await rawExec(id, commandOf(index));
        return { code, stdout: stdout.toString() };
      };
      const [a, b] = [await time('ours', ours), await time('peer', peer)];
      assert.ok(wrong.peer < count, 'the plain client works');
      return [
        limitResult(`wrong results of ${count}`, wrong.ours, 0, { wrongOfPeer: wrong.peer }),
        ratioResult(`ms for ${count}`, a, b, 1.2),
      ];
    }),
};
