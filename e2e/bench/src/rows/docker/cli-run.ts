import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { type BenchmarkRow, ratioResult } from '../../benchmark-row.ts';
import { benchImage, hardenedFlags, runPeer } from '../../docker/docker-peer.ts';
import { interleave } from '../../interleave.ts';
import { summarize } from '../../statistics.ts';

const built = fileURLToPath(new URL('../../../../../apps/cli/dist/main.js', import.meta.url));
const program = fileURLToPath(new URL('../../../../../apps/cli/bin/recac', import.meta.url));
const node = `PATH=${dirname(process.execPath)}:${process.env.PATH}`;
const peer = ['run', ...hardenedFlags(), benchImage, 'true'];
const parameters = ['run', '--backend', 'docker', '--image', benchImage, '--network', 'none', '--sync', 'bind'];

/** B19: one command from the shell, from nothing to nothing. */
export const cliRun: BenchmarkRow = {
  id: 'B19-docker',
  title: `recac ${parameters.join(' ')} -- true, built, against docker run --rm; a scratch workspace each`,
  peer: `docker ${peer.join(' ')}`,
  run: async ({ quick }) => {
    assert.ok(existsSync(built), 'build first: npm run demo does');
    const directory = await mkdtemp(join(tmpdir(), 'recac-bench-'));
    try {
      const configuration = [`HOME=${directory}`, 'RECAC_WORKSPACE_STRATEGY=none'];
      const ours = [node, ...configuration, program, ...parameters, '--', 'true'];
      const [a, b] = (
        await interleave(quick ? 3 : 20, [
          async () => void (await runPeer('env', ours)),
          async () => void (await runPeer('docker', peer)),
        ])
      ).map(summarize);
      assert.ok(a && b);
      return [ratioResult('p50 ms', a.p50, b.p50, 1.1, { ours: a, peer: b })];
    } finally {
      await rm(directory, { recursive: true, force: true });
    }
  },
};
