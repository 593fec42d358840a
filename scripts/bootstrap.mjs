// Runs a script of this repository with its own Node, installing the dependencies first when they are missing or old.
// Needs only Node 20, npm and git: `node scripts/bootstrap.mjs <script> [arguments]`. Plain JavaScript for that reason.
import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { constants } from 'node:os';
import { delimiter, join, resolve } from 'node:path';

const root = resolve(import.meta.dirname, '..');
const binaries = join(root, 'node_modules', '.bin');
const nodeDirectory = join(root, 'node_modules', 'node', 'bin');
const nodeProgram = join(nodeDirectory, 'node');
const stampFile = join(root, 'node_modules', '.bootstrap-stamp');

const [script, ...scriptArguments] = process.argv.slice(2);
if (script === undefined || !existsSync(resolve(root, script))) {
  fail(`there is no script ${script ?? ''}. Usage: node scripts/bootstrap.mjs <script> [arguments]`);
}
if (!isInstalled()) install();
run(script, scriptArguments);

/** What the installed dependencies depend on, as one line. */
function currentStamp() {
  const hash = createHash('sha256');
  for (const file of ['pnpm-lock.yaml', 'pnpm-workspace.yaml']) hash.update(readFileSync(join(root, file)));
  return `${hash.digest('hex')} ${process.platform} ${process.arch}\n`;
}

function isInstalled() {
  if (!existsSync(nodeProgram) || !existsSync(stampFile)) return false;
  return readFileSync(stampFile, 'utf8') === currentStamp();
}

function install() {
  const { packageManager } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  process.stderr.write(`Installing dependencies with ${packageManager} (first run, or the lock file changed) …\n`);
  const installed = spawnSync(
    'npx',
    ['--yes', packageManager, 'install', '--frozen-lockfile', '--config.confirm-modules-purge=false'],
    { cwd: root, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'], shell: process.platform === 'win32' },
  );
  if (installed.error) fail(`npx could not be started: ${installed.error.message}. Install npm.`);
  if (installed.status !== 0) {
    process.stderr.write(installed.stdout + installed.stderr);
    fail('the dependencies could not be installed. The output above says why.');
  }
  if (!existsSync(nodeProgram))
    fail('the npm package "node" did not install its program. Delete node_modules and retry.');
  writeFileSync(stampFile, currentStamp());
}

function run(file, args) {
  const child = spawn(nodeProgram, ['--conditions=@recac/source', resolve(root, file), ...args], {
    stdio: 'inherit',
    env: { ...process.env, PATH: [nodeDirectory, binaries, process.env.PATH].join(delimiter) },
  });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
  child.on('error', (error) => fail(`Node could not be started: ${error.message}`));
  child.on('exit', (code, signal) => {
    process.exitCode = signal ? 128 + constants.signals[signal] : (code ?? 1);
  });
}

function fail(message) {
  process.stderr.write(`bootstrap: ${message}\n`);
  process.exit(1);
}
