import { mkdir, writeFile } from 'node:fs/promises';
import { cpus, loadavg } from 'node:os';
import process from 'node:process';
import { parseArgs } from 'node:util';
import type { BenchmarkOptions, BenchmarkRow, RowResult } from './benchmark-row.ts';
import { dockerRows } from './docker-rows.ts';
import { kubernetesRows } from './kubernetes-rows.ts';
import { cliStart } from './rows/cli-start.ts';
import { execRoundTrip } from './rows/exec-round-trip.ts';
import { execThroughput } from './rows/exec-throughput.ts';
import { largeOutput } from './rows/large-output.ts';
import { workspaceScale } from './rows/workspace-scale.ts';

const rows: readonly BenchmarkRow[] = [
  cliStart,
  execRoundTrip,
  execThroughput,
  largeOutput,
  workspaceScale,
  ...dockerRows,
  ...kubernetesRows,
];
const results = new URL('../results/', import.meta.url);

function format(result: RowResult): string {
  const peer = result.peer === undefined ? '' : `, peer ${result.peer.toFixed(2)}, ratio ${result.value.toFixed(2)}`;
  return `  ${result.holds ? 'ok  ' : 'MISS'} ${result.metric}: ${result.ours.toFixed(2)}${peer} (gate ${result.gate})`;
}

async function runRow(row: BenchmarkRow, options: BenchmarkOptions): Promise<boolean> {
  console.log(`${row.id}  ${row.title}`);
  if (row.peer !== undefined) console.log(`  peer: ${row.peer}`);
  const loadBefore = loadavg()[0] ?? 0;
  const measured = await row.run(options);
  const loadAfter = loadavg()[0] ?? 0;
  for (const result of measured) console.log(format(result));
  // Many rows load the machine themselves: what counts is what they met.
  const isBusy = loadBefore > cpus().length;
  if (isBusy) console.log(`  the machine was busy (load ${loadBefore.toFixed(1)}): not kept, repeat this row`);
  const kept = {
    id: row.id,
    title: row.title,
    ...(row.peer === undefined ? {} : { peer: row.peer }),
    date: new Date().toISOString(),
    node: process.version,
    loadBefore,
    loadAfter,
    results: measured,
  };
  if (!options.quick && !isBusy) await keep(row.id, kept);
  return measured.every(({ holds }) => holds);
}

async function keep(id: string, kept: unknown): Promise<void> {
  await mkdir(results, { recursive: true });
  await writeFile(new URL(`${id}.json`, results), `${JSON.stringify(kept, undefined, 2)}\n`);
}

const { values } = parseArgs({
  options: { only: { type: 'string', multiple: true }, quick: { type: 'boolean', default: false } },
  allowPositionals: true,
});
const chosen = rows.filter(
  ({ id }) => !values.only || values.only.some((prefix) => id === prefix || id.startsWith(`${prefix}-`)),
);
if (chosen.length === 0) {
  console.error(`no such row; there are ${rows.map(({ id }) => id).join(', ')}`);
  process.exit(2);
}
let misses = 0;
for (const row of chosen) {
  const isWithin = await runRow(row, values).catch((error: unknown) => {
    console.error(`  could not be measured: ${String(error)}`);
    return false;
  });
  if (!isWithin) misses += 1;
}
console.log(`${chosen.length - misses} rows within their gates, ${misses} not`);
process.exitCode = misses === 0 ? 0 : 1;
