import { inspect } from 'node:util';
import { describeDocker } from '@recac/e2e-docker';
import { expect, test } from 'vitest';
import { DaemonAgent } from '../../src/daemon/daemon-agent.ts';
import { DaemonClient } from '../../src/daemon/daemon-client.ts';
import { openDockerode } from '../../src/daemon/open-dockerode.ts';

/** What docker-modem does with the options of every request before it sends it. */
const writeOut = (value: unknown): string => inspect(value, { showHidden: true, depth: null });

describeDocker('a call', ({ host }) => {
  test('hands docker-modem nothing that takes long to write out, whatever is connected', async () => {
    const { default: Docker } = await import('dockerode');
    const agent = new DaemonAgent({ host, from: 'a test' } as never);
    const client = new DaemonClient({ docker: openDockerode(Docker, agent, '1.41'), agent, endpoint: host });
    const caller = new AbortController();
    let written = '';
    await client.call(
      'a test',
      (abortSignal) => {
        written = writeOut({ agent, signal: abortSignal });
        return client.docker
          .getContainer('none')
          .inspect({ abortSignal })
          .catch(() => {});
      },
      { signal: caller.signal },
    );
    expect(written.length).toBeLessThan(100);
    client.close();
  });
});
