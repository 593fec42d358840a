import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { withEnvironment } from './with-environment.ts';

test('output whose record was deleted is an error at once, with the byte to resume at, and the engine stays usable', async () => {
  await withEnvironment(async ({ engine, id, records }) => {
    const handle = await engine.spawn(id, ['sh', '-c', 'head -c 100000 /dev/zero']);
    await handle.wait();
    const segment = handle.execId.replace(/-\d+$/, '');
    await rm(join(records, `${segment}.out`));
    const reading = async (): Promise<void> => {
      for await (const _ of handle.stdout);
    };
    await expect(reading()).rejects.toMatchObject({ code: 'RECAC_EXEC_FAILED', details: { nextByte: 0 } });
    await handle[Symbol.asyncDispose]();
    await expect(engine.exec(id, ['echo', 'in the deleted record'])).rejects.toMatchObject({
      code: 'RECAC_EXEC_FAILED',
    });
    expect((await engine.exec(id, ['echo', 'in a new one'])).stdout).toBe('in a new one\n');
  });
}, 20_000);
