import { existsSync, readdirSync, statSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describeDocker } from '@recac/e2e-docker';
import type { Environment } from '@recac/engine-core';
import { createDockerEngine } from '@recac/engine-docker';
import { expect, test } from 'vitest';
import { createUploadWorkspace } from '../../src/index.ts';
import { killClient } from '../kill-client.ts';

const mebibyte = 1_048_576;
const files = 120;
const contentOf = (index: number): Buffer => Buffer.alloc(mebibyte, `${index} `);

describeDocker('kill -9 of the client on Docker', ({ host }) => {
  const withPlace = async (
    image: string,
    work: (place: {
      readonly directory: string;
      readonly project: string;
      readonly environment: Environment;
      readonly createWorkspace: () => ReturnType<typeof createUploadWorkspace>;
      readonly inside: (script: string) => Promise<string>;
    }) => Promise<void>,
  ): Promise<void> => {
    const directory = await mkdtemp(join(tmpdir(), 'recac-killed-'));
    const project = join(directory, 'project');
    await mkdir(join(project, 'data'), { recursive: true });
    await using engine = createDockerEngine({ host });
    const createWorkspace = () =>
      createUploadWorkspace({ engine, path: project, toBasePath: () => join(directory, 'base') });
    const sessionId = `killed-${process.pid}-${Date.now()}`;
    const environment = await engine.startEnvironment({
      sessionId,
      image,
      workspace: await createWorkspace().prepare(),
    });
    const inside = async (script: string) => (await engine.exec(environment.id, ['sh', '-c', script])).stdout;
    try {
      await work({ directory, project, environment, createWorkspace, inside });
    } finally {
      await engine.stopEnvironment(environment.id);
      await rm(directory, { recursive: true, force: true });
    }
  };

  test.each(['recac-test/busybox:1', 'recac-test/debian:1'])(
    'in the middle of a push to %s: nothing of it is seen, and the next one sends what was missing',
    (image) =>
      withPlace(image, async ({ directory, project, environment, createWorkspace, inside }) => {
        for (let index = 0; index < files; index += 1)
          await writeFile(join(project, 'data', `file-${index}`), contentOf(index));
        const countArrived = async () => Number(await inside('ls .recac-stage-*/content/data 2>/dev/null | wc -l'));
        await killClient(
          ['push', host, project, join(directory, 'base'), environment.sessionId],
          async () => (await countArrived()) > files / 2,
        );
        const isBusy = 'for p in $(cat .recac-stage-*/receiver); do kill -0 "$p" && echo busy; done 2>/dev/null';
        await expect.poll(() => inside(isBusy), { timeout: 60_000 }).toBe('');
        const arrived = await countArrived();
        expect(arrived).toBeGreaterThan(files / 2);
        expect(await inside('ls')).toBe('');
        const { bytes, changed } = await createWorkspace().push(environment);
        expect(changed).toBe(files);
        expect(bytes / mebibyte).toBeLessThan(files - arrived + 3);
        expect(await inside('ls -A; cat data/* | wc -c; tail -c 10 data/file-3')).toBe(
          `data\n${files * mebibyte}\n${contentOf(3).toString().slice(-10)}`,
        );
        expect(await createWorkspace().push(environment)).toMatchObject({ changed: 0, bytes: 0 });
      }),
    180_000,
  );

  test(
    'in the middle of a pull: the project is as it was but for our own directory, and the next one is complete',
    () =>
      withPlace('recac-test/busybox:1', async ({ directory, project, environment, createWorkspace, inside }) => {
        await writeFile(join(project, 'small'), 'small\n');
        await createWorkspace().push(environment);
        await inside(`head -c ${200 * mebibyte} /dev/zero >large; echo changed >small`);
        const sizeOfStaged = () =>
          readdirSync(project)
            .filter((name) => name.startsWith('.recac-stage-'))
            .map((name) => join(project, name, 'content/large'))
            .map((path) => (existsSync(path) ? statSync(path).size : 0))
            .reduce((one, other) => one + other, 0);
        await killClient(
          ['pull', host, project, join(directory, 'base'), environment.sessionId],
          async () => sizeOfStaged() > 100 * mebibyte,
        );
        expect(await readFile(join(project, 'small'), 'utf8')).toBe('small\n');
        expect(existsSync(join(project, 'large'))).toBe(false);
        expect(await createWorkspace().pull(environment)).toMatchObject({ changed: 2, conflicts: [] });
        expect(statSync(join(project, 'large')).size).toBe(200 * mebibyte);
        expect((await readdir(project)).toSorted()).toEqual(['data', 'large', 'small']);
      }),
    180_000,
  );
});
