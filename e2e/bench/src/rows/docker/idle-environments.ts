import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { type BenchmarkRow, limitResult } from '../../benchmark-row.ts';
import { runPeer } from '../../docker/docker-peer.ts';

const program = fileURLToPath(new URL('../../idle-memory.ts', import.meta.url));

async function measure(kind: 'engine' | 'sockets', small: number, large: number): Promise<number> {
  const flags = ['--conditions=@recac/source', '--expose-gc'];
  return Number(await runPeer(process.execPath, [...flags, program, kind, String(small), String(large)])) / 1_024;
}

/** B16: resident memory of the client for each environment with an open lane. */
export const idleEnvironments: BenchmarkRow = {
  id: 'B16-docker',
  title: 'memory of the engine for each idle environment with an open lane, against bare Node with Unix sockets',
  peer: 'node idle-memory.ts sockets: both ends of each in one process',
  run: async ({ quick }) => {
    const [small, large] = quick ? [5, 20] : [40, 200];
    const peer = await measure('sockets', small, large);
    const ours = await measure('engine', small, large);
    return [limitResult(`KiB for each of ${large - small}`, ours, 80, { peerKiB: peer })];
  },
};
