import { randomUUID } from 'node:crypto';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { networkInterfaces, tmpdir } from 'node:os';
import { join } from 'node:path';
import { callApi, describeCluster, readConnection } from '@recac/e2e-cluster';
import { createKubernetesEngine } from '@recac/engine-k8s';
import { expect, test, vi } from 'vitest';
import { createGitWorkspace } from '../../src/index.ts';
import { git, startGitDaemon } from '../git-daemon.ts';
import { startGitHttps } from '../git-https.ts';

vi.setConfig({ testTimeout: 120_000 });

/** This machine's address on the cable to the cluster. */
const findOwnAddress = (server: string): string => {
  const start = server.slice(0, server.lastIndexOf('.') + 1);
  const all = Object.values(networkInterfaces()).flatMap((addresses) => addresses ?? []);
  return all.map(({ address }) => address).find((address) => address.startsWith(start)) ?? '127.0.0.1';
};

describeCluster('cloning inside, on Kubernetes', ({ kubeconfig }) => {
  test('a password of a Secret is for the container that clones, and nothing of it is left for the agent', async () => {
    const connection = await readConnection(kubeconfig);
    const directory = await mkdtemp(join(tmpdir(), 'recac-clone-kubernetes-'));
    const project = join(directory, 'project');
    await mkdir(project);
    git(project, 'init', '-q');
    const password = randomUUID();
    const secretName = `git-${password.slice(0, 8)}`;
    const secrets = '/api/v1/namespaces/default/secrets';
    await using daemon = await startGitDaemon(directory);
    await using server = await startGitHttps(directory, findOwnAddress(String(connection.host)), password);
    const stringData = { username: 'agent', password, 'ca.crt': server.certificate };
    await callApi(connection, { method: 'POST', path: secrets, body: { metadata: { name: secretName }, stringData } });
    await using engine = createKubernetesEngine({ kubeconfig, network: 'open' });
    const sessionId = `clone-${secretName}`;
    try {
      const remote = server.toUrl('served/project');
      const workspace = createGitWorkspace({ engine, path: project, remote, branch: 'main', secretName });
      const mount = await workspace.prepare();
      const image = 'recac-test/debian:1';
      const environment = await engine.startEnvironment({ sessionId, image, workspace: mount });
      const run = async (script: string) => (await engine.exec(environment.id, ['sh', '-c', script])).stdout.trim();
      await workspace.push(environment);
      expect(await run('git log --format=%s; git branch --show-current; git status --short')).toBe(
        `two\none\nrecac/${sessionId}`,
      );
      expect(server.refused.length).toBeGreaterThan(0);
      const places = '/workspace /tmp /run /home /recac "$HOME" /proc/[0-9]*/environ /proc/[0-9]*/cmdline';
      // In halves, so that the search does not find itself.
      const halves = `printf '%s%s' ${password.slice(0, 18)} ${password.slice(18)}`;
      expect(await run(`${halves} | grep -rlF -f - ${places} 2>/dev/null; ls -A /run/recac-secret 2>/dev/null`)).toBe(
        '',
      );
      expect(
        await run('GIT_TERMINAL_PROMPT=0 git fetch origin 2>&1 | grep -c -e "could not read" -e "certificate"'),
      ).toBe('1');
      await run('echo three >file; git commit -qam three; echo four >>file');
      expect(await workspace.harvest(environment)).toMatchObject({ commits: 1, changedFiles: 1 });
      expect(git(project, 'show', `refs/recac/${sessionId}/work:file`)).toBe('three\nfour');
      await engine.stopEnvironment(environment.id);

      const wrong = createGitWorkspace({ engine, path: project, remote, branch: 'absent', secretName });
      const failed = engine.startEnvironment({ sessionId, image, workspace: await wrong.prepare() });
      await expect(failed).rejects.toMatchObject({ message: expect.stringMatching(/recac-seed.*absent/s) });
    } finally {
      for (const { id } of await engine.listEnvironments({ sessionId })) await engine.stopEnvironment(id);
      await callApi(connection, { method: 'DELETE', path: `${secrets}/${secretName}` });
      await rm(directory, { recursive: true, force: true });
      expect(daemon.url).toContain('git://');
    }
  });
});
