import { describeDocker } from '@recac/e2e-docker';
import { expect, test } from 'vitest';
import { withEnvironment } from '../test-engine.ts';

describeDocker('a user that the environment got while it runs', ({ host }) => {
  test('can run commands, though others have before', async () => {
    await withEnvironment({ host, hardening: 'docker-default' }, { user: 'root' }, async ({ engine, id }) => {
      expect((await engine.exec(id, ['id', '-u'], { user: 'root' })).stdout).toBe('0\n');
      const unknown = { code: 'RECAC_INVALID_ARGUMENT', details: { field: 'user' } };
      await expect(engine.exec(id, ['id', '-u'], { user: 'late' })).rejects.toMatchObject(unknown);
      await engine.exec(id, ['sh', '-c', 'echo late:x:1234:1234::/tmp:/bin/sh >>/etc/passwd']);
      expect((await engine.exec(id, ['id', '-u'], { user: 'late' })).stdout).toBe('1234\n');
    });
  });
});
