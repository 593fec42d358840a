// `node bundle.mjs [DIRECTORY]`: writes the program and everything it needs into `dist`, in few files. Why: docs/decisions/2026-11-28-cli-bundle.md.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { rolldown } from 'rolldown';

const root = import.meta.dirname;
const directory = resolve(process.argv[2] ?? join(root, 'dist'));

/** What dockerode loads for ways that we do not go: connections are ours (`DaemonAgent`), and so is building (buildx, or the classic builder). */
const unused = /^(?:ssh2|protobufjs|@grpc\/grpc-js|@grpc\/proto-loader)$/;
/** Optional native parts of ws, which does without them. */
const optional = ['bufferutil', 'utf-8-validate'];
/** Node says nothing of deprecations below node_modules, where this code comes from. */
const banner = 'process.noDeprecation = true;';

const bundle = await rolldown({
  cwd: root,
  input: { index: 'src/index.ts', main: 'src/main.ts' },
  platform: 'node',
  external: optional,
  resolve: { conditionNames: ['@recac/source', 'node', 'import', 'default'] },
  transform: { target: 'node22' },
  plugins: [
    {
      name: 'leave-out-unused',
      resolveId: (id) => (unused.test(id) ? '\0unused' : undefined),
      load: (id) => (id === '\0unused' ? 'export {};' : undefined),
    },
  ],
});
const { output } = await bundle.write({
  dir: directory,
  cleanDir: true,
  banner: ({ name, isEntry }) => (isEntry && name === 'main' ? banner : ''),
});
writeFileSync(join(directory, 'licenses.txt'), describeLicenses(output.flatMap(({ moduleIds = [] }) => moduleIds)));

/** Name, version and licence text of every package that one of the modules comes from. */
function describeLicenses(modules) {
  const packages = modules.map((id) => /^.*\/node_modules\/(?:@[^/]+\/)?[^/]+/.exec(id)?.[0]);
  const described = [...new Set(packages)].filter((path) => path !== undefined).map(describeLicense);
  return described.toSorted().join(`\n${'-'.repeat(80)}\n\n`);
}

function describeLicense(path) {
  const { name, version, license } = JSON.parse(readFileSync(join(path, 'package.json'), 'utf8'));
  const files = readdirSync(path).filter((file) => /^(?:licen[cs]e|notice)(?:\.|$)/i.test(file));
  if (files.length === 0 && license === undefined) throw new Error(`${name} names no licence`);
  return [`${name} ${version}: ${license}\n`, ...files.map((file) => readFileSync(join(path, file), 'utf8'))].join(
    '\n',
  );
}
