import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { dirname } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { type BenchmarkRow, ratioResult } from '../benchmark-row.ts';
import { interleave } from '../interleave.ts';
import { summarize } from '../statistics.ts';

const built = fileURLToPath(new URL('../../../../apps/cli/dist/main.js', import.meta.url));
const program = fileURLToPath(new URL('../../../../apps/cli/bin/recac', import.meta.url));
const environment = { ...process.env, PATH: `${dirname(process.execPath)}:${process.env.PATH}` };

function run(command: string, ...parameters: readonly string[]): () => Promise<void> {
  return async () => {
    const [code] = await once(spawn(command, parameters, { stdio: 'ignore', env: environment }), 'close');
    assert.equal(code, 0);
  };
}

/** B18: what the CLI costs to start, built. */
export const cliStart: BenchmarkRow = {
  id: 'B18',
  title: 'bin/recac --version and bin/recac --help, built, against node -e 0',
  run: async () => {
    assert.ok(existsSync(built), 'build first: npm run demo does');
    const times = await interleave(30, [run(program, '--version'), run(program, '--help'), run('node', '-e', '0')]);
    const [version, help, bare] = times.map(summarize);
    assert.ok(version && help && bare);
    const extra = help.p50 - 1.5 * bare.p50;
    return [
      ratioResult('p50 ms, --version', version.p50, bare.p50, 1.5, { version, bare }),
      {
        metric: 'ms that --help takes more than 1.5 times node -e 0',
        ours: extra,
        value: extra,
        gate: '<= 15',
        holds: extra <= 15,
        details: { help },
      },
    ];
  },
};
