import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { arch, tmpdir } from 'node:os';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { cachedImage, type ImageRecipe, testImages } from '@recac/e2e-images';
import { runProgram } from './run-program.ts';

/** The configuration of an image, of the instructions that test images use. */
interface ImageConfiguration {
  readonly Env: string[];
  Cmd?: unknown;
  Entrypoint?: unknown;
}

const pauseScript = "trap 'exit 0' TERM INT; while :; do sleep 3600 & wait $!; done";

/** Gives a node the image of the pause container. */
export async function importPauseImage(socket: string, reference: string): Promise<void> {
  const [busybox] = testImages;
  if (busybox === undefined) throw new Error('there are no test images');
  const changes = [`ENTRYPOINT ${JSON.stringify(['/bin/sh', '-c', pauseScript])}`];
  await importArchive(socket, await cachedImage(busybox), { reference, changes });
}

/** Gives a node the images of the tests, without a Docker daemon and without a registry. */
export async function importTestImages(socket: string): Promise<void> {
  for (const recipe of testImages)
    await importArchive(socket, await cachedImage(recipe), {
      reference: `docker.io/${recipe.reference}`,
      changes: recipe.changes,
    });
}

/** An image as `docker save` writes it: one layer and its configuration. */
async function importArchive(
  socket: string,
  layer: string,
  { reference, changes }: Pick<ImageRecipe, 'reference' | 'changes'>,
): Promise<void> {
  const work = await mkdtemp(join(tmpdir(), 'recac-node-image-'));
  try {
    const hash = createHash('sha256');
    await pipeline(createReadStream(layer), hash);
    const configuration = toImageConfiguration(changes, `sha256:${hash.digest('hex')}`);
    await symlink(layer, join(work, 'layer.tar'));
    await writeFile(join(work, 'config.json'), JSON.stringify(configuration));
    const manifest = [{ Config: 'config.json', RepoTags: [reference], Layers: ['layer.tar'] }];
    await writeFile(join(work, 'manifest.json'), JSON.stringify(manifest));
    const importing = ['ctr', '--address', socket, '--namespace', 'k8s.io', 'images', 'import', '-'];
    await runProgram([
      'sh',
      '-c',
      'tar -chf - -C "$1" manifest.json config.json layer.tar | { shift; "$@"; }',
      'sh',
      work,
      ...importing,
    ]);
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

/** The configuration object of an image with one layer. */
export function toImageConfiguration(changes: readonly string[], layerDigest: string): object {
  return {
    architecture: arch() === 'x64' ? 'amd64' : arch(),
    os: 'linux',
    config: toConfiguration(changes),
    rootfs: { type: 'layers', diff_ids: [layerDigest] },
  };
}

function toConfiguration(changes: readonly string[]): ImageConfiguration {
  const configuration: ImageConfiguration = { Env: [] };
  for (const change of changes) {
    const [, instruction, value = ''] = /^(\w+) (.*)$/s.exec(change) ?? [];
    if (instruction === 'ENV') configuration.Env.push(value);
    else if (instruction === 'CMD') configuration.Cmd = JSON.parse(value);
    else if (instruction === 'ENTRYPOINT') configuration.Entrypoint = JSON.parse(value);
  }
  return configuration;
}
