import { mkdir, writeFile } from 'node:fs/promises';
import { cpus, loadavg } from 'node:os';
import process from 'node:process';
import { parseArgs } from 'node:util';
import type { BenchmarkRow, RowResult } from './benchmark-row.ts';
import { cliStart } from './rows/cli-start.ts';
import { execRoundTrip } from './rows/exec-round-trip.ts';
import { execThroughput } from './rows/exec-throughput.ts';
import { largeOutput } from './rows/large-output.ts';

const rows: readonly BenchmarkRow[] = [cliStart, execRoundTrip, execThroughput, largeOutput];
const results = new URL('../results/', import.meta.url);

function format(result: RowResult): string {
  const peer = result.peer === undefined ? '' : `, peer ${result.peer.toFixed(2)}, ratio ${result.value.toFixed(2)}`;
  return `  ${result.holds ? 'ok  ' : 'MISS'} ${result.metric}: ${result.ours.toFixed(2)}${peer} (gate ${result.gate})`;
}

async function runRow(row: BenchmarkRow): Promise<boolean> {
  console.log(`${row.id}  ${row.title}`);
  const loadBefore = loadavg()[0];
  const measured = await row.run();
  const loadAfter = loadavg()[0] ?? 0;
  for (const result of measured) console.log(format(result));
  if (loadAfter > cpus().length) console.log(`  the machine was busy (load ${loadAfter.toFixed(1)}): repeat this row`);
  const kept = {
    id: row.id,
    title: row.title,
    date: new Date().toISOString(),
    node: process.version,
    loadBefore,
    loadAfter,
    results: measured,
  };
  await mkdir(results, { recursive: true });
  await writeFile(new URL(`${row.id}.json`, results), `${JSON.stringify(kept, undefined, 2)}\n`);
  return measured.every(({ holds }) => holds);
}

const { values } = parseArgs({ options: { only: { type: 'string', multiple: true } }, allowPositionals: true });
const chosen = rows.filter(
  ({ id }) => !values.only || values.only.some((prefix) => id === prefix || id.startsWith(`${prefix}-`)),
);
if (chosen.length === 0) {
  console.error(`no such row; there are ${rows.map(({ id }) => id).join(', ')}`);
  process.exit(2);
}
let misses = 0;
for (const row of chosen) if (!(await runRow(row))) misses += 1;
console.log(`${chosen.length - misses} rows within their gates, ${misses} not`);
process.exitCode = misses === 0 ? 0 : 1;
