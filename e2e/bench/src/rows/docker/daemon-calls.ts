import { type BenchmarkRow, limitResult } from '../../benchmark-row.ts';
import { withCountingProxy } from '../../docker/counting-proxy.ts';
import { benchSpec, withDockerEngine } from '../../docker/docker-environment.ts';
import { execTrue } from '../../docker/exec-true.ts';
import { withBindDirectory } from '../../docker/with-bind-directory.ts';

/** Requests to the daemon: counted, and so the same on every machine. */
export const daemonCalls: BenchmarkRow = {
  id: 'calls-docker',
  title: 'requests to the daemon of one start, one command and one stop, after a first start',
  run: () =>
    withCountingProxy(async ({ host, take }) =>
      withDockerEngine(async (engine) => {
        await engine.stopEnvironment((await engine.startEnvironment(benchSpec())).id);
        take();
        const { id } = await engine.startEnvironment(benchSpec());
        const start = take();
        await execTrue(engine, id);
        const exec = take();
        await engine.stopEnvironment(id);
        const stop = take();
        const startBound = await withBindDirectory(async (hostPath) => {
          const bound = await engine.startEnvironment(benchSpec({ type: 'bind', hostPath }));
          const requests = take();
          await engine.stopEnvironment(bound.id);
          return requests;
        });
        return [
          limitResult('requests of a start, scratch workspace', start.length, 6, { requests: start }),
          limitResult('requests of a start, bind mount', startBound.length, 4, { requests: startBound }),
          limitResult('requests of a command in an open lane', exec.length, 0, { requests: exec }),
          limitResult('requests of a stop', stop.length, 1, { requests: stop }),
        ];
      }, host),
    ),
};
