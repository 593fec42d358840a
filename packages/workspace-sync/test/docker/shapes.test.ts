import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describeDocker } from '@recac/e2e-docker';
import { createDockerEngine } from '@recac/engine-docker';
import { describe, expect, test } from 'vitest';
import { createUploadWorkspace } from '../../src/index.ts';
import { testShapes } from '../shapes.ts';

describeDocker('unusual trees on Docker', ({ host }) => {
  const images = ['recac-test/busybox:1', 'recac-test/debian:1'];
  for (const image of images)
    describe(image, () => {
      testShapes({ createEngine: () => createDockerEngine({ host }), image });

      test('a workspace that is full takes nothing of a push, says so, and takes what fits', async () => {
        const directory = await mkdtemp(join(tmpdir(), 'recac-full-'));
        await using engine = createDockerEngine({ host });
        const environment = await engine.startEnvironment({
          sessionId: `full-${process.pid}-${Date.now()}`,
          image,
          workspace: { type: 'scratch', sizeLimitBytes: 8 * 1_048_576 },
        });
        try {
          const workspace = createUploadWorkspace({
            engine,
            path: directory,
            toBasePath: () => `${directory}.base`,
          });
          const inside = async (script: string) => (await engine.exec(environment.id, ['sh', '-c', script])).stdout;
          await writeFile(join(directory, 'text'), '1\n');
          await workspace.push(environment);
          await writeFile(join(directory, 'text'), '2\n');
          await writeFile(join(directory, 'large'), Buffer.alloc(16 * 1_048_576, 'x'));
          await expect(workspace.push(environment)).rejects.toMatchObject({
            code: 'RECAC_WORKSPACE_UNAVAILABLE',
            message: expect.stringContaining('No space left'),
          });
          expect(await inside('ls -A; cat text')).toBe('text\n1\n');
          await writeFile(join(directory, 'large'), Buffer.alloc(1_048_576, 'x'));
          expect(await workspace.push(environment)).toMatchObject({ changed: 2 });
          expect(await inside('ls -A; cat text')).toBe('large\ntext\n2\n');
          expect((await readdir(directory)).toSorted()).toEqual(['large', 'text']);
        } finally {
          await engine.stopEnvironment(environment.id);
          await rm(directory, { recursive: true, force: true });
          await rm(`${directory}.base`, { force: true });
          await rm(`${directory}.base.sending`, { force: true });
        }
      }, 120_000);
    });
});
