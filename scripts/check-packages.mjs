import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { requireAll } from './components.mjs';
import { installAlone, useInstalled } from './install-check.mjs';
import { getOldestNode, oldestNode } from './node-floor.mjs';
import { pack, publishedPackages } from './packed-packages.mjs';
import { runCommand, toolPath } from './run-command.mjs';

const requiredFiles = ['LICENSE', 'README.md', 'package.json', 'dist/index.js', 'dist/index.d.ts'];

/**
 * Packs every published package, checks the tarballs, and with `install` installs each alone into an empty project and
 * imports it under this Node and the oldest one promised. Needs a finished build.
 */
export async function checkPackages(report, { install = false } = {}) {
  const directory = mkdtempSync(join(tmpdir(), 'recac-packed-'));
  try {
    const entries = publishedPackages();
    const tarballs = new Map();
    for (const entry of entries) {
      const tarball = await checkTarball(report, entry, directory);
      if (tarball) tarballs.set(entry.name, tarball);
    }
    if (install) await checkInstalls(report, entries, tarballs, directory);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

async function checkTarball(report, entry, directory) {
  const name = `package ${entry.name}: contents, publint, attw`;
  const packed = await pack(entry, directory);
  if (packed.code !== 0) {
    report.fail(name, packed.output, 'cannot be packed');
    return undefined;
  }
  const missing = requiredFiles.filter((file) => !packed.files.includes(file));
  const surplus = packed.files.filter(
    (file) => !requiredFiles.includes(file) && !/^(bin\/|dist\/|schema\.json$|CHANGELOG\.md$)/.test(file),
  );
  const problems = [...missing.map((file) => `lacks ${file}`), ...surplus.map((file) => `should not contain ${file}`)];
  const lint = await runCommand(toolPath('publint'), ['run', packed.tarball, '--strict']);
  if (lint.code !== 0) problems.push(lint.output);
  const args = [packed.tarball, '--profile', 'esm-only', '--no-color', '--no-emoji'];
  const types = await runCommand(toolPath('attw'), args);
  if (types.code !== 0) problems.push(types.output);
  if (problems.length === 0) report.pass(name);
  else report.fail(name, problems.join('\n'));
  return packed.tarball;
}

async function checkInstalls(report, entries, tarballs, directory) {
  const programs = new Map([[process.version.slice(1), process.execPath]]);
  const oldest = await getOldestNode();
  if (oldest) programs.set(oldestNode, oldest);
  else if (requireAll) report.fail(`Node ${oldestNode}`, '', 'cannot be installed from npm');
  else report.skip(`packages under Node ${oldestNode}`, 'this Node cannot be installed from npm');
  for (const entry of entries) await checkInstall(report, { entry, tarballs, directory, programs });
}

async function checkInstall(report, { entry, tarballs, directory, programs }) {
  const name = `package ${entry.name}: installed alone from its tarball`;
  const missing = [entry.name, ...entry.workspaceDependencies].filter((dependency) => !tarballs.has(dependency));
  if (missing.length > 0) return report.fail(name, '', `${missing.join(', ')} could not be packed`);
  const project = join(directory, 'projects', entry.name.replace('/', '-'));
  const installed = await installAlone(entry, tarballs, project);
  if (installed.code !== 0) return report.fail(name, installed.output, 'npm install failed');
  for (const [version, program] of programs) {
    const used = await useInstalled(entry, project, program);
    if (used.code === 0) report.pass(name, `Node ${version}`);
    else report.fail(name, used.output, `Node ${version}`);
  }
}
