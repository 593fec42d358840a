import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { runCommand } from './run-command.mjs';

/** This environment without what an outer `npm run` put into it. */
export function npmEnvironment() {
  const kept = Object.entries(process.env).filter(([name]) => !name.toLowerCase().startsWith('npm_'));
  return { ...Object.fromEntries(kept), npm_config_update_notifier: 'false' };
}

/** Installs a packed package and the workspace packages it needs, and nothing else, into an empty project with npm. */
export async function installAlone(entry, tarballs, directory) {
  mkdirSync(directory, { recursive: true });
  const names = [entry.name, ...entry.workspaceDependencies];
  const dependencies = Object.fromEntries(names.map((name) => [name, `file:${tarballs.get(name)}`]));
  writeFileSync(join(directory, 'package.json'), JSON.stringify({ private: true, type: 'module', dependencies }));
  const args = ['install', '--prefer-offline', '--no-audit', '--no-fund', '--ignore-scripts'];
  return runCommand('npm', args, { cwd: directory, env: npmEnvironment() });
}

/** Imports the installed package, and when it has a program asks that for its version, and to load every engine: ours, and one that is installed beside it. */
export async function useInstalled(entry, directory, nodeProgram) {
  const code = `const names = Object.keys(await import('${entry.name}')); if (names.length === 0) throw new Error('exports nothing');`;
  const imported = await runCommand(nodeProgram, ['--input-type=module', '-e', code], { cwd: directory });
  if (imported.code !== 0) return imported;
  for (const name of Object.keys(entry.manifest.bin ?? {})) {
    const program = join(directory, 'node_modules', '.bin', name);
    if (!existsSync(program)) return { code: 1, output: `${name} is not linked into node_modules/.bin` };
    const asked = await runCommand(nodeProgram, [program, '--version'], { cwd: directory });
    if (asked.code !== 0 || !asked.output.includes(entry.manifest.version)) {
      return { code: 1, output: `${name} --version ended with ${asked.code}:\n${asked.output}` };
    }
    const unloaded = await findUnloadedEngine(directory, nodeProgram, program);
    if (unloaded !== undefined) return unloaded;
  }
  return imported;
}

/** What each engine says where it has nothing to connect to; the last one is somebody else's. */
const engines = [
  ['local', /no session runs on the local engine/],
  ['docker', /RECAC_ENGINE_UNAVAILABLE/],
  ['kubernetes', /RECAC_ENGINE_UNAVAILABLE/],
  ['engine-beside', /the engine beside/],
];

/** The result of the first engine that a program does not load; `undefined` when it loads all. */
async function findUnloadedEngine(directory, nodeProgram, program) {
  const beside = join(directory, 'node_modules', 'engine-beside');
  mkdirSync(beside, { recursive: true });
  writeFileSync(join(beside, 'package.json'), JSON.stringify({ type: 'module', exports: './index.js' }));
  writeFileSync(
    join(beside, 'index.js'),
    "export const createEngine = () => { throw new Error('the engine beside'); };",
  );
  const { KUBERNETES_SERVICE_HOST: _, ...others } = process.env;
  const nowhere = { HOME: directory, DOCKER_HOST: 'unix:///nowhere', KUBECONFIG: join(directory, 'none') };
  for (const [engine, expected] of engines) {
    const env = { ...others, ...nowhere };
    const listed = await runCommand(nodeProgram, [program, 'list', '--backend', engine], { cwd: directory, env });
    if (!expected.test(listed.output))
      return { code: 1, output: `list --backend ${engine} ended with ${listed.code}:\n${listed.output}` };
  }
  return undefined;
}
