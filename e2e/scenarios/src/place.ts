import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type CliPlace, runCli } from './cli.ts';

/** What a place may be given. */
export interface PlaceOptions {
  /** The Docker daemon to run on. Default: none, the local engine. Sessions there are the test's to stop. */
  readonly dockerHost?: string;
  /** The cluster to run on, by its kubeconfig. Default: none. Sessions there are the test's to stop. */
  readonly kubeconfig?: string;
}

/** A place of its own, removed in the end with all that still runs in it. */
export async function createPlace(
  backend: PlaceOptions = {},
): Promise<CliPlace & AsyncDisposable & { readonly directory: string }> {
  const directory = await mkdtemp(join(tmpdir(), 'recac-scenario-'));
  const place = {
    project: join(directory, 'project'),
    home: join(directory, 'home'),
    stateDirectory: join(directory, 'state'),
    ...backend,
  };
  await Promise.all([mkdir(place.project), mkdir(place.home)]);
  return {
    ...place,
    directory,
    [Symbol.asyncDispose]: async () => {
      if (Object.keys(backend).length === 0) await runCli(place, ['stop', '--all', '--quiet']);
      await rm(directory, { recursive: true, force: true });
    },
  };
}
