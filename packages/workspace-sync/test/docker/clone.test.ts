import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describeDocker } from '@recac/e2e-docker';
import { createDockerEngine } from '@recac/engine-docker';
import { expect, test } from 'vitest';
import { createGitWorkspace } from '../../src/index.ts';
import { git, startGitDaemon } from '../git-daemon.ts';

describeDocker('cloning inside, on Docker', ({ host }) => {
  test('a container clones from a server on the network; its work comes back to a repository that had none of it', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'recac-clone-docker-'));
    const project = join(directory, 'project');
    await mkdir(project);
    git(project, 'init', '-q');
    await using engine = createDockerEngine({ host });
    const environment = await engine.startEnvironment({
      sessionId: `clone-${process.pid}`,
      image: 'recac-test/debian:1',
      network: 'open',
    });
    try {
      await using daemon = await startGitDaemon(directory, '0.0.0.0');
      const run = (script: string) => engine.exec(environment.id, ['sh', '-c', script]);
      const gateway = (await run("ip route show default | sed 's/.* via \\([^ ]*\\).*/\\1/'")).stdout.trim();
      const remote = daemon.url.replace('0.0.0.0', gateway);
      const workspace = createGitWorkspace({ engine, path: project, remote, branch: 'main' });
      await workspace.prepare();
      await workspace.push(environment);
      await run('echo three >file; git commit -qam three; git push -q origin HEAD:refs/heads/theirs; echo four >>file');
      expect(git(daemon.directory, 'log', '--format=%s', 'theirs')).toBe('three\ntwo\none');
      expect(await workspace.harvest(environment)).toMatchObject({ commits: 1, changedFiles: 1 });
      expect(git(project, 'show', `refs/recac/clone-${process.pid}/work:file`)).toBe('three\nfour');
    } finally {
      await engine.stopEnvironment(environment.id);
      await rm(directory, { recursive: true, force: true });
    }
  });
});
