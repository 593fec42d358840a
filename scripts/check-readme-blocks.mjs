// Checks the types of every ```ts block of the READMEs and of docs/writing-an-engine.md, and runs each as a program of its
// own, against the sources. Blocks that need a daemon or a cluster are run by the tests of their packages.
import { globSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { root, runCommand, toolPath } from './run-command.mjs';

// Here every package of the workspace can be imported by name.
const programs = mkdtempSync(join(root, 'e2e', 'scenarios', '.readme-blocks-'));
const workingDirectory = mkdtempSync(join(tmpdir(), 'recac-readme-'));
let failures = 0;
let count = 0;
let elsewhere = 0;
const toRun = [];
try {
  const files = globSync(['README.md', 'docs/writing-an-engine.md', 'packages/*/README.md', 'apps/*/README.md'], {
    cwd: root,
  }).sort();
  for (const file of files) writeBlocks(file);
  await checkTypes();
  for (const block of toRun) await runBlock(block);
} finally {
  for (const directory of [programs, workingDirectory]) rmSync(directory, { recursive: true, force: true });
}
console.log(`${count} blocks run, ${failures} failed, ${elsewhere} are run by the packages' tests`);
process.exitCode = failures === 0 ? 0 : 1;

function writeBlocks(file) {
  const text = readFileSync(join(root, file), 'utf8');
  for (const match of text.matchAll(/^```ts\n(.*?)^```$/gms)) {
    const line = text.slice(0, match.index).split('\n').length;
    const program = join(programs, `${dirname(file).replaceAll(/[/.]/g, '-')}-${line}.ts`);
    writeFileSync(program, match[1]);
    // A block that registers tests is a test file: running it here would run a whole suite, which the packages' tests do.
    if (/from '(vitest|node:test|@recac\/engine-(docker|k8s))'/.test(match[1])) elsewhere += 1;
    else toRun.push({ program, place: `${file}:${line}` });
  }
}

async function checkTypes() {
  const options = { extends: '../../../tsconfig.json', include: ['*.ts'] };
  writeFileSync(join(programs, 'tsconfig.json'), JSON.stringify(options));
  const { code, output } = await runCommand(toolPath('tsc'), ['-p', programs]);
  if (code === 0) return;
  failures += 1;
  console.log(`a block does not type-check:\n${output}`);
}

async function runBlock({ program, place }) {
  count += 1;
  const { code, output } = await runCommand(
    process.execPath,
    ['--conditions=@recac/source', '--disable-warning=ExperimentalWarning', program],
    {
      cwd: workingDirectory,
      env: { ...process.env, TMPDIR: workingDirectory, XDG_STATE_HOME: join(workingDirectory, 'state') },
    },
  );
  if (code === 0) return;
  failures += 1;
  console.log(`${place} ended with ${code}\n${output}`);
}
