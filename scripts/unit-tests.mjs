import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { requireAll } from './components.mjs';
import { prepareCluster } from './prepare-cluster.mjs';
import { prepareDocker } from './prepare-docker.mjs';
import { runCommand, toolPath } from './run-command.mjs';
import { failedFiles, failedTests, failuresOutsideTests, skippedTests } from './vitest-results.mjs';

/** More files than this do not fail by chance. */
const filesToRepeat = 5;

/**
 * Runs vitest and adds each of its tests to the report; without `docker` only what needs neither a Docker daemon nor a cluster. Where a few files fail they are run once
 * more, alone: tests that pass then are counted as passed and named as unsteady, with how they failed (docs/decisions).
 */
export async function runUnitTests(report, { docker = true } = {}) {
  console.log('…    vitest; this takes some minutes');
  if (!docker) report.leaveOut('tests that need a Docker daemon or a cluster: npm test runs them');
  const started = performance.now();
  const whole = await runVitest({ docker });
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  if (whole.results === undefined) return report.fail('vitest', whole.output, 'gave no results');
  const files = failedFiles(whole.results);
  if (whole.code !== 0) report.showLog('vitest', whole.output);
  const isRepeated = files.length > 0 && files.length <= filesToRepeat;
  const again = isRepeated ? await runVitest({ docker, args: ['--maxWorkers=1', ...files] }) : undefined;
  if (again !== undefined && again.code !== 0) report.showLog('vitest again', again.output);
  addResults(report, { whole, again, seconds });
}

async function runVitest({ docker, args = [] }) {
  const directory = mkdtempSync(join(tmpdir(), 'recac-vitest-'));
  try {
    const outputFile = join(directory, 'results.json');
    const projects = docker ? [] : ['--project', 'host'];
    const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${outputFile}`];
    const argv = [toolPath('vitest'), 'run', ...projects, ...reporters, ...args];
    const prepared = docker ? await prepareDocker(argv) : { argv, env: {} };
    const [program, ...rest] = prepared.argv;
    const cluster = docker ? await prepareCluster() : {};
    const required = requireAll ? { RECAC_REQUIRE_ALL: '1' } : {};
    const env = { ...process.env, ...prepared.env, ...cluster, NO_COLOR: '1', ...required };
    const { code, output } = await runCommand(program, rest, { env });
    return { code, output, results: readResults(outputFile) };
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

function readResults(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    return undefined;
  }
}

function addResults(report, { whole, again, seconds }) {
  const { results } = whole;
  const last = again ?? whole;
  const failed = failedTests(last.results ?? results);
  const names = new Set(failed.map(({ name }) => name));
  const unsteady = failedTests(results).filter(({ name }) => !names.has(name));
  const outside = [whole, ...(again ? [again] : [])]
    .filter(({ code }) => code !== 0)
    .flatMap(({ output }) => failuresOutsideTests(output));
  const isUnexplained = last.code !== 0 && failed.length === 0 && outside.length === 0;
  if (isUnexplained) outside.push(`vitest ended with ${last.code}, though no test failed`);
  const skipped = results.numPendingTests + results.numTodoTests;
  const counts = { passed: results.numPassedTests + unsteady.length, failed: failed.length + outside.length, skipped };
  report.count(counts);
  const mark = counts.failed === 0 ? 'ok  ' : 'FAIL';
  report.line(mark, `vitest: ${counts.passed} passed, ${counts.failed} failed, ${skipped} skipped`, `${seconds} s`);
  for (const { name, message } of failed) report.line('FAIL', name, message);
  for (const words of outside) report.line('FAIL', words);
  for (const { name, message } of unsteady) report.noteUnsteady(`${name}  (${message})`);
  for (const text of skippedTests(results)) report.leaveOut(text);
}
