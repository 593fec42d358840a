import { globSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { root, runCommand, toolPath } from './run-command.mjs';

/**
 * Every package of the workspace that is published: `{ name, directory, manifest, workspaceDependencies }`, where
 * `workspaceDependencies` are the names of all packages of the workspace that it needs, directly or not.
 */
export function publishedPackages() {
  const packages = globSync(['packages/*/package.json', 'apps/*/package.json'], { cwd: root })
    .sort()
    .map((file) => ({
      directory: join(root, dirname(file)),
      manifest: JSON.parse(readFileSync(join(root, file), 'utf8')),
    }))
    .filter(({ manifest }) => manifest.private !== true);
  const byName = new Map(packages.map((entry) => [entry.manifest.name, entry]));
  const closure = (name, seen = new Set()) => {
    for (const dependency of Object.keys(byName.get(name)?.manifest.dependencies ?? {})) {
      if (!byName.has(dependency) || seen.has(dependency)) continue;
      seen.add(dependency);
      closure(dependency, seen);
    }
    return seen;
  };
  return packages.map((entry) => ({
    ...entry,
    name: entry.manifest.name,
    workspaceDependencies: [...closure(entry.manifest.name)],
  }));
}

/** Packs a package as publishing would. Gives `{ code, output, tarball, files }`. */
export async function pack(entry, destination) {
  const packed = await runCommand(toolPath('pnpm'), ['pack', '--json', '--pack-destination', destination], {
    cwd: entry.directory,
  });
  if (packed.code !== 0) return packed;
  const description = JSON.parse(packed.stdout.slice(packed.stdout.indexOf('{')));
  return { ...packed, tarball: description.filename, files: description.files.map(({ path }) => path) };
}
