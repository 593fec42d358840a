import { Buffer } from 'node:buffer';
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { cachedImage, testImages } from '@recac/e2e-images';
import { toImageConfiguration } from './node-images.ts';
import type { TestRegistry } from './test-registry.ts';

const manifestType = 'application/vnd.oci.image.manifest.v1+json';

/** Which image is put into a registry. */
export interface PushedImage {
  /** Name and tag there. */
  readonly name: string;
  readonly tag: string;
  /** Variables that containers of it have. Default: none. */
  readonly environment?: Readonly<Record<string, string>>;
}

/** Puts the busybox image of the tests into a registry, over HTTP. Gives the reference to pull it by. */
export async function pushImage(registry: TestRegistry, { name, tag, environment = {} }: PushedImage): Promise<string> {
  const recipe = testImages.find(({ reference }) => reference === 'recac-test/busybox:1');
  if (recipe === undefined) throw new Error('there is no busybox image');
  const layer = await readFile(await cachedImage(recipe));
  const variables = Object.entries(environment).map(([key, value]) => `ENV ${key}=${value}`);
  const configuration = toImageConfiguration([...recipe.changes, ...variables], digestOf(layer));
  const config = Buffer.from(JSON.stringify(configuration));
  for (const blob of [layer, config]) await pushBlob(registry, name, blob);
  const describe = (mediaType: string, blob: Buffer) => ({ mediaType, size: blob.length, digest: digestOf(blob) });
  const manifest = {
    schemaVersion: 2,
    mediaType: manifestType,
    config: describe('application/vnd.oci.image.config.v1+json', config),
    layers: [describe('application/vnd.oci.image.layer.v1.tar', layer)],
  };
  const path = `/v2/${name}/manifests/${tag}`;
  await ask(registry, 'PUT', path, Buffer.from(JSON.stringify(manifest)), manifestType);
  return `${registry.host}/${name}:${tag}`;
}

async function pushBlob(registry: TestRegistry, name: string, blob: Buffer): Promise<void> {
  const begun = await ask(registry, 'POST', `/v2/${name}/blobs/uploads/`);
  const place = new URL(begun.headers.get('location') ?? '', `http://${registry.host}`);
  place.searchParams.set('digest', digestOf(blob));
  await ask(registry, 'PUT', `${place.pathname}${place.search}`, blob, 'application/octet-stream');
}

async function ask(
  { host, login }: TestRegistry,
  method: string,
  path: string,
  body?: Buffer,
  type = '',
): Promise<Response> {
  const secret = login && Buffer.from(`${login.user}:${login.password}`).toString('base64');
  const headers = { ...(secret === undefined ? {} : { authorization: `Basic ${secret}` }), 'content-type': type };
  const response = await fetch(`http://${host}${path}`, {
    method,
    headers,
    ...(body ? { body: new Uint8Array(body) } : {}),
  });
  if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`);
  return response;
}

function digestOf(bytes: Buffer): string {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
}
