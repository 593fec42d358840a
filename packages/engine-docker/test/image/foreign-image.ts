import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** Writes an archive for `docker load` with an image for linux/arm64, and gives its path. */
export async function writeForeignImage(parent: string, reference: string): Promise<string> {
  const directory = await mkdtemp(join(parent, 'foreign-'));
  const tar = (name: string, ...files: readonly string[]) =>
    run('tar', ['--create', '--file', join(directory, name), '--directory', directory, ...files]);
  await writeFile(join(directory, 'file'), 'for arm');
  await tar('layer.tar', 'file');
  const digest = createHash('sha256')
    .update(await readFile(join(directory, 'layer.tar')))
    .digest('hex');
  const rootfs = { type: 'layers', diff_ids: [`sha256:${digest}`] };
  await writeFile(
    join(directory, 'config.json'),
    JSON.stringify({ architecture: 'arm64', os: 'linux', config: {}, rootfs }),
  );
  const manifest = [{ Config: 'config.json', RepoTags: [reference], Layers: ['layer.tar'] }];
  await writeFile(join(directory, 'manifest.json'), JSON.stringify(manifest));
  await tar('image.tar', 'manifest.json', 'config.json', 'layer.tar');
  return join(directory, 'image.tar');
}
