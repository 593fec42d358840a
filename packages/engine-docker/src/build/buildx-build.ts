import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { type BuildOptions, type BuildSecret, RecacError } from '@recac/engine-core';
import { BuildOutput } from './build-output.ts';
import type { BuildPlaces } from './check-build.ts';
import { type ReachableDaemon, toDockerVariables } from './docker-variables.ts';
import { runDocker } from './run-docker.ts';

/**
 * Builds with `docker buildx` against the daemon, and gives what the image's id may be: the one that buildx tells may be the digest of the
 * configuration, where containerd's image store knows the image by that of the manifest (docker/buildx#3952). The image has no tag yet.
 */
export async function buildWithBuildx(
  daemon: ReachableDaemon,
  options: BuildOptions,
  places: BuildPlaces,
  signal?: AbortSignal,
): Promise<readonly string[]> {
  const output = new BuildOutput(options.onProgress);
  const directory = await mkdtemp(join(tmpdir(), 'recac-build-'));
  try {
    const files = { id: join(directory, 'id'), metadata: join(directory, 'metadata') };
    let all = '';
    const onOutput = (text: string): void => {
      all = (all + text).slice(-65_536);
      output.write(text);
    };
    const code = await runDocker(toBuildxArguments(options, places, files), {
      variables: await toDockerVariables(daemon, directory),
      ...(signal ? { signal } : {}),
      onOutput,
    });
    output.end();
    if (code !== 0) throw toError(options.tag, all, output);
    const metadata = JSON.parse(await readFile(files.metadata, 'utf8').catch(() => '{}'));
    const digest: unknown = metadata['containerimage.digest'];
    return [(await readFile(files.id, 'utf8')).trim(), ...(typeof digest === 'string' ? [digest] : [])];
  } catch (error) {
    if (RecacError.isInstance(error)) throw error;
    throw output.toError(options.tag, `the docker command could not be run (${(error as Error).message})`, {
      cause: error,
    });
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

/** The arguments of `docker`. Values of secrets are not in them: buildx reads the files and variables itself. */
export function toBuildxArguments(
  options: BuildOptions,
  places: BuildPlaces,
  files: { readonly id: string; readonly metadata: string },
): readonly string[] {
  const { target, buildArguments = {}, labels = {}, platform, noCache, secrets = {} } = options;
  return [
    ...['buildx', 'build', '--builder', 'default', '--load', '--progress', 'plain'],
    ...['--iidfile', files.id, '--metadata-file', files.metadata],
    ...['--file', join(places.context, places.dockerfile)],
    ...(target === undefined ? [] : ['--target', target]),
    ...(platform === undefined ? [] : ['--platform', platform]),
    ...(noCache ? ['--no-cache'] : []),
    ...Object.entries(buildArguments).flatMap(([name, value]) => ['--build-arg', `${name}=${value}`]),
    ...Object.entries(labels).flatMap(([name, value]) => ['--label', `${name}=${value}`]),
    ...Object.entries(secrets).flatMap(([id, secret]) => ['--secret', toSecretArgument(id, secret)]),
    places.context,
  ];
}

/** Fields are CSV: a comma or quote in a path would end its field. */
function toSecretArgument(id: string, secret: BuildSecret): string {
  const source = 'file' in secret ? `src=${resolve(secret.file)}` : `env=${secret.environmentVariable}`;
  return [`id=${id}`, source]
    .map((field) => (/[",\n]/.test(field) ? `"${field.replaceAll('"', '""')}"` : field))
    .join(',');
}

function toError(tag: string, all: string, output: BuildOutput): RecacError {
  const step = /^ > (\[.*):\s*$/m.exec(all)?.[1];
  const problem = [...all.matchAll(/^ERROR: (.*)$/gm)].at(-1)?.[1] ?? 'buildx failed';
  const exitCode = /(?:exit code: |returned a non-zero code: )(\d+)/.exec(problem)?.[1];
  return output.toError(tag, problem, { step, exitCode: exitCode === undefined ? undefined : Number(exitCode) });
}
