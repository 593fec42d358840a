import { readdirSync } from 'node:fs';
import process from 'node:process';
import { parseArgs } from 'node:util';
import { createDockerEngine } from '@recac/engine-docker';
import { type CuttingProxy, startCuttingProxy } from './cutting-proxy.ts';
import type { Fault } from './fault.ts';

const { values } = parseArgs({
  options: {
    host: { type: 'string', default: process.env.RECAC_TEST_DOCKER_HOST ?? 'unix:///var/run/docker.sock' },
    image: { type: 'string', default: 'recac-test/busybox:1' },
    cycles: { type: 'string', default: '2000' },
    faults: { type: 'string', default: '0' },
    seed: { type: 'string', default: `${Date.now() % 1_000_000}` },
  },
});
const { host, image, seed } = values;
const cycles = Number(values.cycles);
const faultPercent = Number(values.faults);
const prefix = `soak-${seed}-`;

/** Faults that a cycle may meet; each is over after one request. */
const faults: readonly Fault[] = [
  { type: 'drop' },
  { type: 'lose' },
  { type: 'delay', ms: 200 },
  { type: 'answer', status: 503, message: 'busy' },
  { type: 'truncate', afterBytes: 60 },
  { type: 'split' },
];

/** Numbers from 0 to 1 that depend on the seed only (mulberry32). */
function createRandom(from: number): () => number {
  let state = from;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

function median(numbers: readonly number[]): number {
  return numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? Number.NaN;
}

function footprint() {
  globalThis.gc?.();
  return { rssMib: Math.round(process.memoryUsage.rss() / 2 ** 20), files: readdirSync('/proc/self/fd').length };
}

/** One start, command and stop. Gives what went wrong in the sense of the contract: an error of the line is none. */
async function runCycle(proxy: CuttingProxy, index: number): Promise<'right' | 'refused' | 'wrong'> {
  const code = index % 100;
  const sessionId = `${prefix}${index}`;
  let id: string | undefined;
  try {
    id = (await engine.startEnvironment({ sessionId, image, pendingTimeoutMs: 60_000 })).id;
    const result = await engine.exec(id, ['sh', '-c', `echo ${index}; exit ${code}`], { timeoutMs: 60_000 });
    if (result.outcome.type === 'lost') return 'refused';
    return result.exitCode === code && result.stdout === `${index}\n` ? 'right' : 'wrong';
  } catch (error) {
    console.log(`cycle ${index}: ${error instanceof Error ? error.message : error}`);
    return 'refused';
  } finally {
    proxy.rules.clear();
    if (id !== undefined) await engine.stopEnvironment(id);
  }
}

console.log(`seed ${seed}, ${cycles} cycles, ${faultPercent} % with a fault`);
const random = createRandom(Number(seed));
await using proxy = await startCuttingProxy(host);
await using engine = createDockerEngine({ host: proxy.host });
const outcomes = { right: 0, refused: 0, wrong: 0 };
const durations: number[] = [];
let early = footprint();
for (let index = 0; index < cycles; index += 1) {
  if (random() * 100 < faultPercent) {
    const fault = faults[Math.floor(random() * faults.length)] as Fault;
    proxy.rules.add({ request: /./, fault, skip: Math.floor(random() * 8) });
  }
  const started = performance.now();
  outcomes[await runCycle(proxy, index)] += 1;
  durations.push(performance.now() - started);
  if (index === Math.floor(cycles / 10)) early = footprint();
}
const tenth = Math.max(1, Math.floor(cycles / 10));
const late = footprint();
const left = (await engine.listEnvironments()).filter(({ sessionId }) => sessionId.startsWith(prefix));
console.log(`outcomes: ${JSON.stringify(outcomes)}`);
console.log(`median of the first tenth ${median(durations.slice(0, tenth)).toFixed(0)} ms`);
console.log(`median of the last tenth ${median(durations.slice(-tenth)).toFixed(0)} ms`);
console.log(`after a tenth ${JSON.stringify(early)}, at the end ${JSON.stringify(late)}`);
console.log(`left behind: ${left.length}`);
process.exitCode = outcomes.wrong > 0 || left.length > 0 ? 1 : 0;
