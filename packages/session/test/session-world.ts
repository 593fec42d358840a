import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Config, type ContainerEngine, parseConfig } from '@recac/engine-core';
import { createLocalEngine } from '@recac/engine-local';

/** A project directory and a real local engine with its own state. */
export interface SessionWorld extends AsyncDisposable {
  readonly directory: string;
  readonly project: string;
  readonly engine: ContainerEngine;
  readonly config: Config;
}

export async function createSessionWorld(): Promise<SessionWorld> {
  const directory = await mkdtemp(join(tmpdir(), 'recac-session-'));
  const project = join(directory, 'project');
  await mkdir(project);
  const stateDirectory = join(directory, 'state');
  process.env.XDG_STATE_HOME = join(directory, 'state-home');
  const engine = createLocalEngine({ stateDirectory });
  const config = parseConfig({
    runner: { backend: 'local' },
    local: { state_directory: stateDirectory },
    workspace: { path: project },
    session: { env: { FROM_CONFIG: 'yes' }, kill_grace: '200ms' },
  });
  return {
    directory,
    project,
    engine,
    config,
    [Symbol.asyncDispose]: async () => {
      for (const environment of await engine.listEnvironments()) await engine.stopEnvironment(environment.id);
      await engine.close();
      await rm(directory, { recursive: true, force: true });
    },
  };
}
