import { readdirSync } from 'node:fs';
import { expect, test } from 'vitest';
import { createLocalEngine } from '../src/index.ts';
import { processesOf, withStateDirectory } from './with-environment.ts';

test('50 environments at once: each runs its own command, and nothing is left', async () => {
  await withStateDirectory(async (stateDirectory) => {
    const before = readdirSync('/proc/self/fd').length;
    const ids: string[] = [];
    {
      await using engine = createLocalEngine({ stateDirectory });
      const live = async (_: unknown, index: number): Promise<void> => {
        const { id } = await engine.startEnvironment({ sessionId: `many-${index}` });
        ids.push(id);
        const result = await engine.exec(id, ['sh', '-c', `echo ${index}; sleep 60 & exit ${index}`]);
        expect([result.stdout, result.exitCode]).toEqual([`${index}\n`, index]);
        await engine.stopEnvironment(id);
      };
      await Promise.all(Array.from({ length: 50 }, live));
      expect(await engine.listEnvironments()).toEqual([]);
    }
    expect(readdirSync(stateDirectory)).toEqual([]);
    expect(ids.flatMap((id) => processesOf(id, stateDirectory))).toEqual([]);
    expect(readdirSync('/proc/self/fd').length).toBeLessThanOrEqual(before + 2);
  });
});
