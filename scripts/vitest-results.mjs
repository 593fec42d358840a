import { relative } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { root } from './run-command.mjs';

/** Files of which a test failed, or that could not be loaded, relative to the root. */
export function failedFiles(results) {
  return results.testResults.filter(({ status }) => status === 'failed').map(({ name }) => relative(root, name));
}

/** Every test that failed, as `{ name, message }`; a file that failed as a whole counts as one. */
export function failedTests(results) {
  return results.testResults.flatMap(({ name, status, message, assertionResults }) => {
    const file = relative(root, name);
    const tests = assertionResults.filter((test) => test.status === 'failed');
    if (status === 'failed' && tests.length === 0) return [{ name: file, message: firstLine(message) }];
    return tests.map((test) => ({
      name: `${file} > ${test.fullName}`,
      message: firstLine(test.failureMessages.join('\n')),
    }));
  });
}

/** What failed outside of any test: errors that nobody caught, and what could not be taken down after the tests. Vitest's JSON has none of them. */
export function failuresOutsideTests(output) {
  const plain = stripVTControlCharacters(output);
  return [...plain.matchAll(/^(Vitest caught \d+ unhandled error|error during close).*$/gm)].map(([line]) => line);
}

/**
 * One line per reason: how many tests, in how many files. A test or a `describe` around it tells the reason at the end
 * of its title: `(skipped: …)`.
 */
export function skippedTests(results) {
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

function firstLine(text = '') {
  return text.trim().split('\n')[0].slice(0, 300);
}
