import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describeDocker } from '@recac/e2e-docker';
import { createDockerEngine } from '@recac/engine-docker';
import { expect, test } from 'vitest';
import { createUploadWorkspace } from '../../src/index.ts';

describeDocker('what the user of an environment cannot read on Docker', ({ host }) => {
  test.each(['recac-test/busybox:1', 'recac-test/debian:1'])(
    'in %s fails the pull by its name after all else came, and a large push sees what changed meanwhile',
    async (image) => {
      const project = await mkdtemp(join(tmpdir(), 'recac-unreadable-'));
      const base = await mkdtemp(join(tmpdir(), 'recac-base-'));
      await using engine = createDockerEngine({ host });
      const workspace = createUploadWorkspace({ engine, path: project, toBasePath: () => join(base, 'base') });
      const { id, ...environment } = await engine.startEnvironment({
        sessionId: `unreadable-${process.pid}-${Date.now()}`,
        image,
        workspace: await workspace.prepare(),
      });
      const inside = async (script: string, user?: string) =>
        (await engine.exec(id, ['sh', '-c', script], user === undefined ? {} : { user })).stdout;
      try {
        for (let number = 0; number < 12; number += 1) await writeFile(join(project, `file ${number}`), '1\n');
        await workspace.push({ id, ...environment });
        await inside('echo mine >secret; chmod 000 secret; echo 2 >made');
        await inside('echo root >of-root; chmod 600 of-root', '0');
        await expect(workspace.harvest({ id, ...environment })).rejects.toMatchObject({
          code: 'RECAC_WORKSPACE_UNAVAILABLE',
          message: expect.stringMatching(/(secret|of-root).*Permission denied/),
        });
        expect(await readFile(join(project, 'made'), 'utf8')).toBe('2\n');
        await inside('chmod 644 secret');
        await inside('chmod 644 of-root', '0');
        expect(await workspace.pull({ id, ...environment })).toMatchObject({ changed: 2, conflicts: [] });
        expect(await readdir(project)).toHaveLength(15);
        for (let number = 0; number < 12; number += 1) await writeFile(join(project, `file ${number}`), '2\n');
        await inside('echo theirs >"file 3"');
        expect(await workspace.push({ id, ...environment })).toMatchObject({ changed: 11, conflicts: ['file 3'] });
        expect(await inside('cat "file 3" "file 4"')).toBe('theirs\n2\n');
        expect(await workspace.push({ id, ...environment })).toMatchObject({ changed: 0 });
      } finally {
        await engine.stopEnvironment(id);
        for (const directory of [project, base]) await rm(directory, { recursive: true, force: true });
      }
    },
  );
});
