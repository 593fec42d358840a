import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { requireAll } from './components.mjs';
import { prepareCluster } from './prepare-cluster.mjs';
import { prepareDocker } from './prepare-docker.mjs';
import { root, runCommand, toolPath } from './run-command.mjs';

/** Runs vitest and adds each of its tests to the report; without `docker` only what needs neither a Docker daemon nor a cluster. */
export async function runUnitTests(report, { docker = true } = {}) {
  const directory = mkdtempSync(join(tmpdir(), 'recac-vitest-'));
  try {
    const outputFile = join(directory, 'results.json');
    const projects = docker ? [] : ['--project', 'host'];
    const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${outputFile}`];
    const argv = [toolPath('vitest'), 'run', ...projects, ...reporters];
    const prepared = docker ? await prepareDocker(argv) : { argv, env: {} };
    const [program, ...args] = prepared.argv;
    const cluster = docker ? await prepareCluster() : {};
    const env = {
      ...process.env,
      ...prepared.env,
      ...cluster,
      NO_COLOR: '1',
      ...(requireAll ? { RECAC_REQUIRE_ALL: '1' } : {}),
    };
    console.log('…    vitest; this takes some minutes');
    if (!docker) report.leaveOut('tests that need a Docker daemon or a cluster: npm test runs them');
    const started = performance.now();
    const { code, output } = await runCommand(program, args, { env });
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

/**
 * One line per reason: how many tests, in how many files. A test or a `describe` around it tells the reason at the end
 * of its title: `(skipped: …)`.
 */
function skippedTests(results) {
  const reasons = new Map();
  for (const { name, assertionResults } of results.testResults) {
    for (const { status, title, ancestorTitles } of assertionResults) {
      if (status === 'passed' || status === 'failed') continue;
      const reason = tellReason([...ancestorTitles, title]) ?? `skipped in ${relative(root, name)}: ${title}`;
      const entry = reasons.get(reason) ?? { count: 0, files: new Set() };
      entry.count += 1;
      entry.files.add(name);
      reasons.set(reason, entry);
    }
  }
  return [...reasons].map(([reason, { count, files }]) => `${count} tests in ${files.size} files: ${reason}`);
}

function tellReason(titles) {
  return titles.map((title) => /\(skipped: (.*)\)$/.exec(title)?.[1]).find(Boolean);
}
