import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { requireAll } from './components.mjs';
import { root, runCommand, toolPath } from './run-command.mjs';

/** Runs vitest over all projects and adds each of its tests to the report. */
export async function runUnitTests(report) {
  const directory = mkdtempSync(join(tmpdir(), 'recac-vitest-'));
  try {
    const outputFile = join(directory, 'results.json');
    const args = ['run', '--reporter=default', '--reporter=json', `--outputFile.json=${outputFile}`];
    const env = { ...process.env, NO_COLOR: '1', ...(requireAll ? { RECAC_REQUIRE_ALL: '1' } : {}) };
    console.log('…    vitest: all projects; this takes some minutes');
    const started = performance.now();
    const { code, output } = await runCommand(toolPath('vitest'), args, { env });
    const seconds = ((performance.now() - started) / 1000).toFixed(1);
    addResults(report, { code, output, seconds, results: readResults(outputFile) });
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

function addResults(report, { code, output, seconds, results }) {
  if (results === undefined) return report.fail('vitest', output, 'gave no results');
  const brokenFiles = results.testResults.filter(
    (file) => file.status === 'failed' && file.assertionResults.every((test) => test.status !== 'failed'),
  ).length;
  const failed = results.numFailedTests + brokenFiles;
  const unexplained = code !== 0 && failed === 0 ? 1 : 0;
  const skipped = results.numPendingTests + results.numTodoTests;
  report.count({ passed: results.numPassedTests, failed: failed + unexplained, skipped });
  const mark = code === 0 ? 'ok  ' : 'FAIL';
  report.line(
    mark,
    `vitest: ${results.numPassedTests} passed, ${failed + unexplained} failed, ${skipped} skipped`,
    `${seconds} s`,
  );
  if (code !== 0) report.showLog('vitest', output);
  for (const text of skippedTests(results)) report.leaveOut(text);
}

/** One line per reason: how many tests, in how many files. A test tells its reason at the end of its title: `(skipped: …)`. */
function skippedTests(results) {
  const reasons = new Map();
  for (const { name, assertionResults } of results.testResults) {
    for (const { status, title } of assertionResults) {
      if (status === 'passed' || status === 'failed') continue;
      const reason = /\(skipped: (.*)\)$/.exec(title)?.[1] ?? `skipped in ${relative(root, name)}: ${title}`;
      const entry = reasons.get(reason) ?? { count: 0, files: new Set() };
      entry.count += 1;
      entry.files.add(name);
      reasons.set(reason, entry);
    }
  }
  return [...reasons].map(([reason, { count, files }]) => `${count} tests in ${files.size} files: ${reason}`);
}
