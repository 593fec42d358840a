import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import process from 'node:process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { type BenchmarkRow, ratioResult } from '../benchmark-row.ts';
import { interleave } from '../interleave.ts';
import { summarize } from '../statistics.ts';

const main = fileURLToPath(new URL('../../../../apps/cli/dist/main.js', import.meta.url));

function runNode(...parameters: readonly string[]): () => Promise<void> {
  return async () => {
    const [code] = await once(spawn(process.execPath, parameters, { stdio: 'ignore' }), 'close');
    assert.equal(code, 0);
  };
}

/** B18: what the CLI costs to start, built. */
export const cliStart: BenchmarkRow = {
  id: 'B18',
  title: 'recac --version and recac --help, built, against node -e 0',
  run: async () => {
    assert.ok(existsSync(main), 'build first: npm run demo does');
    const times = await interleave(30, [runNode(main, '--version'), runNode(main, '--help'), runNode('-e', '0')]);
    const [version, help, bare] = times.map(summarize);
    assert.ok(version && help && bare);
    const extra = help.p50 - version.p50;
    return [
      ratioResult('p50 ms, --version', version.p50, bare.p50, 1.5, { version, bare }),
      { metric: 'ms that --help takes more than --version', ours: extra, value: extra, gate: '<= 15', holds: extra <= 15, details: { help } },
    ];
  },
};
