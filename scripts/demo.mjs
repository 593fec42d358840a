// `npm run demo [-- --keep]`: the main job on a machine with nothing but git, Node and npm.
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from './build.mjs';
import { createSampleRepository, git } from './demo/sample-repository.mjs';
import { root } from './run-command.mjs';

const keep = process.argv.includes('--keep');
const color = process.stdout.isTTY && !process.env.NO_COLOR;

const built = await build();
if (built.code !== 0) {
  console.error(`${built.output}\ndemo: the build failed.`);
  process.exit(1);
}

const repository = mkdtempSync(join(tmpdir(), 'recac-demo-'));
try {
  process.exitCode = await runDemo(repository);
} finally {
  if (keep) console.log(`\nKept: ${repository}`);
  else rmSync(repository, { recursive: true, force: true });
}

async function runDemo(directory) {
  createSampleRepository(directory);
  title(`A sample git repository with a failing test: ${directory}`);
  console.log(git(directory, 'log', '--oneline', '--stat').trimEnd());

  title('recac run --backend local --name demo --workspace <repository> -- sh agent.sh');
  const program = join(root, 'apps', 'cli', 'dist', 'main.js');
  const args = ['run', '--backend', 'local', '--name', 'demo', '--workspace', directory, '--', 'sh', 'agent.sh'];
  const code = await runLive(program, args);

  title(`Exit code: ${code}`);
  title('recac apply demo --workspace <repository>');
  await runLive(program, ['apply', 'demo', '--backend', 'local', '--workspace', directory]);
  title('What the agent changed (git diff)');
  const diff = git(directory, 'diff', color ? '--color=always' : '--color=never');
  console.log(diff.trimEnd() || '(nothing)');
  if (code === 0 && diff !== '') return 0;
  console.error('\ndemo: the agent did not repair the test.');
  return 1;
}

/** Runs a JavaScript program on this terminal and gives its exit code. */
function runLive(program, args) {
  return new Promise((done, failed) => {
    const child = spawn(process.execPath, [program, ...args], { stdio: ['ignore', 'inherit', 'inherit'] });
    child.on('error', failed);
    child.on('close', (code, signal) => done(code ?? signal));
  });
}

function title(text) {
  console.log(color ? `\n\u001b[1m${text}\u001b[0m` : `\n== ${text}`);
}
