import { randomUUID } from 'node:crypto';
import { callApi, describeCluster, makeClaim, readConnection } from '@recac/e2e-cluster';
import { createKubernetesEngine } from '@recac/engine-k8s';
import { expect, test, vi } from 'vitest';
import { type CliPlace, type RunningCli, runCli, startCli } from '../../src/cli.ts';
import { createPlace } from '../../src/place.ts';
import { agentScript, checkWork, createSampleRepository } from '../../src/sample-repository.ts';

/** Each step is a process, and the machine may be busy. */
vi.setConfig({ testTimeout: 240_000 });

interface Session {
  readonly name: string;
  readonly place: CliPlace;
  readonly running: RunningCli;
}

describeCluster('every byte of an agent comes back on Kubernetes', ({ kubeconfig }) => {
  const isGone = async (name: string): Promise<boolean> => {
    await using engine = createKubernetesEngine({ kubeconfig });
    return (await engine.listEnvironments({ sessionId: name })).length === 0;
  };

  const deletePod = async (name: string): Promise<void> => {
    const connection = await readConnection(kubeconfig);
    const path = '/api/v1/namespaces/default/pods';
    const { items } = await callApi<{ readonly items: readonly { readonly metadata: { readonly name: string } }[] }>(
      connection,
      { path },
    );
    const pod = items.find(({ metadata }) => metadata.name.startsWith(`recac-agent-${name}-`));
    await callApi(connection, { method: 'DELETE', path: `${path}/${pod?.metadata.name}` });
  };

  /** A repository in a place of its own, and a session in which the agent has done its work and goes on. */
  async function withAgent(flags: readonly string[], work: (session: Session) => Promise<void>): Promise<void> {
    const name = `work-${randomUUID().slice(0, 8)}`;
    await using place = await createPlace({ kubeconfig });
    await createSampleRepository(place.project);
    const run = ['run', '--name', name, '--sync', 'git', '--image', 'recac-test/debian:1', ...flags];
    const running = startCli(place, [...run, '-c', `${agentScript}\nsleep 600`]);
    try {
      await running.until('begun');
      await work({ name, place, running });
      expect(await isGone(name), (await running.ended).stderr).toBe(true);
    } finally {
      await runCli(place, ['stop', '--discard', '--quiet', name]);
    }
  }

  async function withClaim(work: (flags: readonly string[]) => Promise<void>): Promise<void> {
    const claimName = `work-${randomUUID().slice(0, 8)}`;
    await using _claim = await makeClaim({ kubeconfig, namespace: 'default', claimName });
    await work(['--pvc', claimName]);
  }

  test('with a claim, when its pod is deleted, by the run itself', async () => {
    await withClaim((flags) =>
      withAgent(flags, async ({ name, place, running }) => {
        await deletePod(name);
        const { code, stderr } = await running.ended;
        expect(code, stderr).not.toBe(0);
        checkWork(place.project, name);
      }),
    );
  });

  test('with a claim, when its client is killed and nobody comes until the lease has ended', async () => {
    await withClaim((flags) =>
      withAgent([...flags, '--lease', '3s'], async ({ name, place, running }) => {
        running.child.kill('SIGKILL');
        await running.ended;
        await expect.poll(() => isGone(name), { timeout: 90_000, interval: 500 }).toBe(true);
        const rescued = await runCli(place, ['rescue', name]);
        expect(rescued, rescued.stderr).toMatchObject({ code: 0, stderr: expect.stringContaining('2 commits') });
        checkWork(place.project, name);
      }),
    );
  });

  test('with a claim, work that is given up is said to stay there', async () => {
    await withClaim((flags) =>
      withAgent([...flags, '--lease', '3s'], async ({ name, place, running }) => {
        running.child.kill('SIGKILL');
        await running.ended;
        await expect.poll(() => isGone(name), { timeout: 90_000, interval: 500 }).toBe(true);
        const { code, stderr } = await runCli(place, ['rescue', '--discard', name]);
        expect([code, stderr]).toEqual([
          0,
          expect.stringContaining(`stay in recac/recac-agent-${name} of the Persistent`),
        ]);
      }),
    );
  });

  test('without a claim, up to the last checkpoint', async () => {
    await withAgent(['--checkpoint', '1s'], async ({ name, place, running }) => {
      const isSaved = (): boolean => {
        try {
          checkWork(place.project, name);
          return true;
        } catch {
          return false;
        }
      };
      await expect.poll(isSaved, { timeout: 60_000, interval: 500 }).toBe(true);
      await deletePod(name);
      const { code, stderr } = await running.ended;
      expect(code, stderr).not.toBe(0);
      checkWork(place.project, name);
    });
  });
});
