import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type CliPlace, runCli } from './cli.ts';

/** A place of its own, removed in the end with all that still runs in it. */
export async function createPlace(): Promise<CliPlace & AsyncDisposable & { readonly directory: string }> {
  const directory = await mkdtemp(join(tmpdir(), 'recac-scenario-'));
  const place = {
    project: join(directory, 'project'),
    home: join(directory, 'home'),
    stateDirectory: join(directory, 'state'),
  };
  await Promise.all([mkdir(place.project), mkdir(place.home)]);
  return {
    ...place,
    directory,
    [Symbol.asyncDispose]: async () => {
      await runCli(place, ['stop', '--all', '--quiet']);
      await rm(directory, { recursive: true, force: true });
    },
  };
}
