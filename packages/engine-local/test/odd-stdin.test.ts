import { createReadStream, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { withEnvironment } from './with-environment.ts';

const refusal = { code: 'RECAC_INVALID_ARGUMENT', details: { field: 'stdin' } };

test('what is neither text nor bytes is no stdin: nothing runs', async () => {
  await withEnvironment(async ({ engine, id }) => {
    for (const stdin of [5, null, { length: 1 }, ['text']])
      await expect(engine.exec(id, ['touch', 'ran'], { stdin: stdin as never })).rejects.toMatchObject(refusal);
    expect((await engine.exec(id, ['ls'])).stdout).toBe('');
  });
});

test('a write of neither text nor bytes is refused, and the command gets what else is written', async () => {
  await withEnvironment(async ({ engine, id }) => {
    const handle = await engine.spawn(id, ['cat'], { stdin: 'pipe' });
    await expect(handle.write(5 as never)).rejects.toMatchObject(refusal);
    await handle.write('text');
    await handle.end();
    expect((await handle.wait()).stdoutBytes).toBe(4);
  });
});

test('a stream that gives text is sent as it is', async () => {
  await withEnvironment(async ({ engine, id, stateDirectory }) => {
    const path = join(stateDirectory, id, 'text');
    writeFileSync(path, 'hello €\n');
    const { stdout } = await engine.exec(id, ['cat'], { stdin: createReadStream(path, 'utf8') });
    expect(stdout).toBe('hello €\n');
  });
});
