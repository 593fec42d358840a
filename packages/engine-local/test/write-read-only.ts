import { createLocalEngine } from '../src/index.ts';

const [stateDirectory = '', lease] = process.argv.slice(2);
const engine = createLocalEngine({ stateDirectory });
const { id } = await engine.startEnvironment({
  sessionId: 'read-only',
  ...(lease === undefined ? {} : { leaseMs: Number(lease) }),
});
const script =
  'cd "$HOME" && mkdir -p go/mod/deep none && echo 1 >go/mod/deep/file && chmod -R a-w go && chmod 000 none';
const { outcome } = await engine.exec(id, ['sh', '-c', script]);
process.stdout.write(JSON.stringify(outcome));
if (lease === undefined) await engine.stopEnvironment(id);
await engine.close();
