import { createLocalEngine } from '@recac/engine-local';
import { createUploadWorkspace } from '../src/index.ts';

const [direction, stateDirectory = '', path = '', base = ''] = process.argv.slice(2);
const engine = createLocalEngine({ stateDirectory });
const workspace = createUploadWorkspace({ engine, path, toBasePath: () => base });
const [environment] = await engine.listEnvironments();
if (environment === undefined) throw new Error('no environment');
process.stdout.write('begins\n');
await (direction === 'push' ? workspace.push(environment) : workspace.pull(environment));
