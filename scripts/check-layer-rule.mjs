import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { root, runCommand, toolPath } from './run-command.mjs';

/** The import rule of docs/architecture.md: what each layer may import of the others. */
const allowed = {
  'packages/engine-core': [],
  'packages/engine-kit': ['@recac/engine-core'],
  'packages/engine-conformance': ['@recac/engine-core'],
  'packages/engine-local': ['@recac/engine-core', '@recac/engine-kit'],
  'packages/engine-docker': ['@recac/engine-core', '@recac/engine-kit'],
  'packages/engine-k8s': ['@recac/engine-core', '@recac/engine-kit'],
  'packages/workspace-sync': ['@recac/engine-core'],
  'packages/session': [
    '@recac/engine-core',
    '@recac/engine-kit',
    '@recac/engine-local',
    '@recac/engine-docker',
    '@recac/engine-k8s',
    '@recac/workspace-sync',
  ],
  'apps/cli': [
    '@recac/engine-core',
    '@recac/engine-kit',
    '@recac/engine-local',
    '@recac/engine-docker',
    '@recac/engine-k8s',
    '@recac/workspace-sync',
    '@recac/session',
  ],
};
const names = [
  '@recac/engine-core',
  '@recac/engine-kit',
  '@recac/engine-conformance',
  '@recac/engine-local',
  '@recac/engine-docker',
  '@recac/engine-k8s',
  '@recac/workspace-sync',
  '@recac/session',
  'recac',
];

/** Every import a layer could try, and whether the linter must refuse it. */
function probes() {
  const list = [];
  for (const [layer, mayImport] of Object.entries(allowed)) {
    for (const name of names.filter((name) => name !== packageName(layer))) {
      list.push({ layer, from: name, refused: !mayImport.includes(name) });
    }
    list.push({ layer, from: '@recac/engine-core/src/exec.ts', refused: true });
    list.push({ layer, from: '../../engine-kit/src/lane.ts', refused: true });
    list.push({ layer, from: 'node:fs/promises', refused: layer === 'packages/engine-core' });
  }
  return list;
}

function packageName(layer) {
  return layer === 'apps/cli' ? 'recac' : `@recac/${layer.slice('packages/'.length)}`;
}

/** Proves that the linter refuses each import that crosses the layers, and no other. Gives `{ code, output }`. */
export async function checkLayerRule() {
  const directory = mkdtempSync(join(tmpdir(), 'recac-layers-'));
  try {
    for (const file of ['biome.json', '.gitignore']) copyFileSync(join(root, file), join(directory, file));
    const list = probes().map((probe, index) => ({ ...probe, file: `${probe.layer}/src/probe-${index}.ts` }));
    for (const probe of list) {
      mkdirSync(dirname(join(directory, probe.file)), { recursive: true });
      writeFileSync(join(directory, probe.file), `import { x } from '${probe.from}';\nexport const y = x;\n`);
    }
    const args = ['lint', '--only=style/noRestrictedImports', '--reporter=github', '--max-diagnostics=none', '.'];
    const { output } = await runCommand(toolPath('biome'), args, { cwd: directory });
    const wrong = list.filter((probe) => output.includes(`/${probe.file},`) !== probe.refused);
    const lines = wrong.map(
      (probe) => `${probe.layer} importing '${probe.from}' should be ${probe.refused ? 'refused' : 'allowed'}`,
    );
    return { code: wrong.length === 0 ? 0 : 1, output: lines.join('\n') || `${list.length} imports checked` };
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}
