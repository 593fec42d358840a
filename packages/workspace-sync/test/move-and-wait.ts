import { createDockerEngine } from '@recac/engine-docker';
import { createLocalEngine } from '@recac/engine-local';
import { createGitWorkspace, createUploadWorkspace } from '../src/index.ts';

/** `place`: the state directory of a local engine, or the address of a Docker daemon. `base`: `git` for that strategy. */
const [direction, place = '', path = '', base = '', sessionId] = process.argv.slice(2);
const engine = place.startsWith('/')
  ? createLocalEngine({ stateDirectory: place })
  : createDockerEngine({ host: place });
const workspace =
  base === 'git'
    ? createGitWorkspace({ engine, path })
    : createUploadWorkspace({ engine, path, toBasePath: () => base });
const [environment] = await engine.listEnvironments(sessionId === undefined ? {} : { sessionId });
if (environment === undefined) throw new Error('no environment');
process.stdout.write('begins\n');
await (direction === 'push' ? workspace.push(environment) : workspace.pull(environment));
