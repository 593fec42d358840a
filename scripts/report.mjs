import { mkdirSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { root } from './run-command.mjs';

const logDirectory = join(root, 'node_modules', '.cache', 'recac-test');
const shownLines = 60;

/** Collects the results of a test run, prints them as they come and ends with `N passed, N failed, N skipped`. */
export function createReport() {
  const counts = { passed: 0, failed: 0, skipped: 0 };
  const leftOut = [];
  const unsteady = [];

  /** Prints one line of result. */
  function line(mark, name, note) {
    console.log(`${mark} ${name}${note ? `  (${note})` : ''}`);
  }

  /** Adds numbers that another tool counted. */
  function count({ passed = 0, failed = 0, skipped = 0 }) {
    counts.passed += passed;
    counts.failed += failed;
    counts.skipped += skipped;
  }

  /** Prints the end of a failed step's output and keeps all of it. */
  function showLog(name, output) {
    mkdirSync(logDirectory, { recursive: true });
    const file = join(logDirectory, `${name.replace(/[^a-z0-9]+/gi, '-')}.log`);
    writeFileSync(file, output);
    const lines = output.trimEnd().split('\n');
    for (const text of lines.slice(-shownLines)) console.log(`    ${text}`);
    if (lines.length > shownLines) console.log(`    … ${lines.length} lines in ${relative(root, file)}`);
  }

  return {
    count,
    line,
    pass(name, note) {
      count({ passed: 1 });
      line('ok  ', name, note);
    },
    fail(name, output = '', note = '') {
      count({ failed: 1 });
      line('FAIL', name, note);
      if (output) showLog(name, output);
    },
    skip(name, reason) {
      count({ skipped: 1 });
      leftOut.push(`${name}: ${reason}`);
    },
    showLog,
    /** Notes something that was not run and that no number counts. */
    leaveOut(text) {
      leftOut.push(text);
    },
    /** Notes a test that failed and then passed alone: a bug of the product or of the test, to be mended. */
    noteUnsteady(text) {
      unsteady.push(text);
    },
    /** Prints what was left out and the last line; true when nothing failed. */
    finish() {
      if (leftOut.length > 0) console.log(`\nLeft out:\n${leftOut.map((text) => `  - ${text}`).join('\n')}`);
      if (unsteady.length > 0)
        console.log(
          `\nUnsteady, failed once and passed alone; mend them:\n${unsteady.map((text) => `  - ${text}`).join('\n')}`,
        );
      console.log(`\n${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped`);
      return counts.failed === 0;
    },
  };
}
