import { readdir } from 'node:fs/promises';
import { parseConfig } from '@recac/engine-core';
import { createLocalEngine } from '@recac/engine-local';
import { openSession } from '@recac/session';
import { expect, test } from 'vitest';
import { findProcesses, runCli } from '../src/cli.ts';
import { createPlace } from '../src/place.ts';

test('fifty sessions at once, each with commands of its own, leave nothing', async () => {
  await using place = await createPlace();
  const marker = `many-${process.pid}-${Date.now()}`;
  const config = parseConfig({
    runner: { backend: 'local' },
    local: { state_directory: place.stateDirectory },
    workspace: { strategy: 'none' },
    session: { env: { MARKER: marker }, pending_timeout: '2m' },
  });
  await using engine = createLocalEngine({ stateDirectory: place.stateDirectory });
  const results = await Promise.all(
    Array.from({ length: 50 }, async (_, index) => {
      await using session = await openSession({ config, engine });
      const script = `echo "$MARKER" > own; sleep 300 & cat; ls | wc -l; exit ${index}`;
      const [first, second] = await Promise.all([
        session.run(['sh', '-c', script], { stdin: `session ${index}\n` }),
        session.run(['sh', '-c', 'echo "$MARKER"']),
      ]);
      return { name: session.name, code: first.exitCode, stdout: first.stdout, other: second.stdout };
    }),
  );
  expect(new Set(results.map(({ name }) => name)).size).toBe(50);
  for (const [index, { code, stdout, other }] of results.entries()) {
    expect({ code, stdout, other }).toEqual({ code: index, stdout: `session ${index}\n1\n`, other: `${marker}\n` });
  }
  expect(await engine.listEnvironments()).toEqual([]);
  expect(await findProcesses(marker)).toEqual([]);
  expect((await readdir(place.stateDirectory)).filter((name) => !name.startsWith('.'))).toEqual([]);
}, 180_000);

test('eight runs of the CLI at once do not meet', async () => {
  await using place = await createPlace();
  const ends = await Promise.all(
    Array.from({ length: 8 }, (_, index) =>
      runCli(place, ['run', '--quiet', '--sync', 'none', '-c', `echo ${index}; exit ${index}`]),
    ),
  );
  expect(ends.map(({ code, stdout, stderr }) => ({ code, stdout, stderr }))).toEqual(
    Array.from({ length: 8 }, (_, index) => ({ code: index, stdout: `${index}\n`, stderr: '' })),
  );
  expect(JSON.parse((await runCli(place, ['list', '--json'])).stdout)).toEqual([]);
}, 60_000);
