import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { npmEnvironment } from './install-check.mjs';
import { root, runCommand } from './run-command.mjs';

/** The oldest Node that the published packages promise to run on (`engines.node`). */
export const oldestNode = '22.19.0';

/** Gets that Node from npm, once. Gives the path of its program, or undefined where it cannot be had. */
export async function getOldestNode() {
  const directory = join(root, 'node_modules', '.cache', `node-${oldestNode}`);
  const program = join(directory, 'node_modules', 'node', 'bin', 'node');
  if (existsSync(program)) return program;
  mkdirSync(directory, { recursive: true });
  writeFileSync(join(directory, 'package.json'), '{ "private": true }\n');
  const args = ['install', '--no-audit', '--no-fund', '--no-save', `node@${oldestNode}`];
  await runCommand('npm', args, { cwd: directory, env: npmEnvironment() });
  return existsSync(program) ? program : undefined;
}
