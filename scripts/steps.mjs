import { join } from 'node:path';
import { build } from './build.mjs';
import { checkLayerRule } from './check-layer-rule.mjs';
import { checkPackages } from './check-packages.mjs';
import { root, runCommand, toolPath } from './run-command.mjs';
import { runUnitTests } from './unit-tests.mjs';

/** Runs a step that succeeds or fails as one, and reports it. */
async function single(report, name, run) {
  const started = performance.now();
  const { code, output } = await run();
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  if (code === 0) report.pass(name, `${seconds} s`);
  else report.fail(name, output, `${seconds} s`);
  return code === 0;
}

function script(path, ...args) {
  return runCommand(process.execPath, [join(root, path), ...args]);
}

/** The steps of `npm test` and `npm run verify`, by name. Each takes the report and adds its results. */
export const steps = {
  lint: (report) =>
    single(report, 'lint and format', () => runCommand(toolPath('biome'), ['check', '--error-on-warnings', '.'])),
  layers: (report) => single(report, 'the linter enforces the layers', checkLayerRule),
  types: (report) => single(report, 'types', () => runCommand(toolPath('tsc'), ['-p', 'tsconfig.json'])),
  schema: (report) => single(report, 'schema and configuration page are current', checkSchema),
  docs: (report) => single(report, 'documents: error codes, links, paths', () => script('scripts/check-docs.mjs')),
  build: (report) => single(report, 'build', build),
  unit: runUnitTests,
  knip: (report) =>
    single(report, 'no unused files, exports, dependencies', () => runCommand(toolPath('knip'), ['--no-config-hints'])),
  packages: (report, context) => checkPackages(report, context),
  readme: (report) => single(report, 'README code blocks run', () => script('scripts/check-readme-blocks.mjs')),
  demo: (report) => single(report, 'npm run demo', () => script('scripts/demo.mjs')),
};

async function checkSchema() {
  return runCommand(process.execPath, [
    '--conditions=@recac/source',
    join(root, 'scripts/generate-schema.mjs'),
    '--check',
  ]);
}
