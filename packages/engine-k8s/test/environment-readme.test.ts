import { execFile } from 'node:child_process';
import { readFile, rm, writeFile } from 'node:fs/promises';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describeCluster } from '@recac/e2e-cluster';
import { expect, test } from 'vitest';

const run = promisify(execFile);

describeCluster('README', ({ kubeconfig }) => {
  test('the smallest use prints what its comment says', async () => {
    const readme = await readFile(new URL('../README.md', import.meta.url), 'utf8');
    const block = /^```ts\n(.*?)^```$/ms.exec(readme)?.[1];
    const program = fileURLToPath(new URL(`.readme-${process.pid}.ts`, import.meta.url));
    await writeFile(program, block ?? '');
    try {
      const env = { ...process.env, KUBECONFIG: kubeconfig, RECAC_TEST_IMAGE: 'recac-test/busybox:1' };
      const { stdout } = await run(process.execPath, ['--conditions=@recac/source', program], { env });
      expect(stdout).toBe("hello\n { type: 'exited', code: 3 }\n");
      expect(block).toContain('// hello {');
    } finally {
      await rm(program, { force: true });
    }
  });
});
