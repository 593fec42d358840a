import { Buffer } from 'node:buffer';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { type BuildOptions, parseImageReference, RecacError } from '@recac/engine-core';
import type { DaemonClient } from '../daemon/daemon-client.ts';
import { toStatus } from '../daemon/daemon-error.ts';
import { findCredentials } from '../image/find-credentials.ts';
import { inspectImage } from '../image/inspect-image.ts';
import { ProgressError, readProgress } from '../image/progress-stream.ts';
import { toStreamMessage } from '../image/stream-message.ts';
import { findBaseImages } from './base-images.ts';
import { BuildOutput } from './build-output.ts';
import type { BuildPlaces } from './check-build.ts';
import { packContext } from './context-archive.ts';
import { readIgnoreRules } from './ignore-rules.ts';
import { Silence } from './silence.ts';

/** Until the daemon, once it has all it wants of the context, says the first word, in milliseconds. */
const longestSilenceMs = 300_000;

/** Builds with the builder in the daemon, over its API, and gives the image's id, or the beginning of it. The image has no tag yet. */
export async function buildClassic(
  client: DaemonClient,
  options: BuildOptions,
  places: BuildPlaces,
  signal?: AbortSignal,
  silenceMs = longestSilenceMs,
): Promise<string> {
  const { tag } = options;
  const output = new BuildOutput(options.onProgress);
  const registryconfig = await findRegistryConfig(client, options, places, signal);
  const rules = await readIgnoreRules(places.context, places.dockerfile);
  const onSkipped = (path: string): void =>
    output.line(`left out of the context: ${path} is no file, directory or link`);
  const sending = new Silence(silenceMs);
  const pieces = sending.broken(packContext(places.context, { rules, onSkipped }));
  const archive = Readable.from(pieces, { objectMode: false });
  const work = async (abortSignal: AbortSignal): Promise<string> => {
    try {
      const answer = client.docker.buildImage(archive, {
        ...toQuery(options, places),
        registryconfig,
        abortSignal: AbortSignal.any([abortSignal, sending.signal]),
      });
      const stream = await sending.until(answer);
      return await follow(stream as unknown as AsyncIterable<Uint8Array>, tag, output);
    } catch (error) {
      if (RecacError.isInstance(error)) throw error;
      if (error instanceof ProgressError) throw output.toError(tag, error.message, { cause: error });
      if (toStatus(error) === undefined) throw error;
      throw output.toError(tag, toStreamMessage(error), { cause: error });
    } finally {
      archive.destroy();
    }
  };
  try {
    return await client.call(`building ${tag}`, work, {
      ...(signal ? { signal } : {}),
      deadlineMs: Number.POSITIVE_INFINITY,
    });
  } finally {
    archive.destroy();
  }
}

/** Podman tells the id in words only. */
const builtShape = /^Successfully built ([0-9a-f]{12,64})$/m;

async function follow(stream: AsyncIterable<Uint8Array>, tag: string, output: BuildOutput): Promise<string> {
  let id: string | undefined;
  for await (const { stream: text, status, error, errorDetail, aux } of readProgress(stream)) {
    const problem = errorDetail?.message ?? error;
    if (problem !== undefined) throw output.toError(tag, problem, { exitCode: errorDetail?.code });
    if (text !== undefined) output.write(text);
    else if (status !== undefined) output.line(status);
    id = aux?.ID ?? id ?? builtShape.exec(text ?? '')?.[1];
  }
  if (id === undefined) throw output.toError(tag, 'the daemon named no image');
  output.end();
  return id;
}

function toQuery(options: BuildOptions, { dockerfile }: BuildPlaces) {
  const { target, buildArguments, labels, platform, noCache } = options;
  return {
    dockerfile,
    rm: true,
    forcerm: true,
    ...(target === undefined ? {} : { target }),
    ...(buildArguments === undefined ? {} : { buildargs: JSON.stringify(buildArguments) as never }),
    ...(labels === undefined ? {} : { labels: JSON.stringify(labels) as never }),
    ...(platform === undefined ? {} : { platform }),
    ...(noCache ? { nocache: true } : {}),
  };
}

/** Credentials for the registries of the base images that are not there yet. Nobody is asked for others. */
async function findRegistryConfig(
  client: DaemonClient,
  { buildArguments = {} }: BuildOptions,
  { context, dockerfile }: BuildPlaces,
  signal: AbortSignal | undefined,
): Promise<never> {
  const text = await readFile(join(context, dockerfile), 'utf8');
  const config: Record<string, unknown> = {};
  for (const image of findBaseImages(text, buildArguments)) {
    const registry = toRegistry(image);
    if (registry === undefined || (await inspectImage(client, image, signal ? { signal } : {}))) continue;
    const credentials = await findCredentials(client, registry, signal);
    if (credentials) config[credentials.serveraddress] = credentials;
  }
  // Daemons read base64 of the kind for addresses, and only with its padding.
  const base64 = Buffer.from(JSON.stringify(config)).toString('base64').replaceAll('+', '-').replaceAll('/', '_');
  return { base64 } as never;
}

function toRegistry(image: string): string | undefined {
  try {
    return parseImageReference(image).registry;
  } catch {
    // The builder says what is wrong with it.
    return undefined;
  }
}
