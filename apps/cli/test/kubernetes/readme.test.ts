import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describeCluster, readConnection } from '@recac/e2e-cluster';
import { expect, test, vi } from 'vitest';
import { runBlock } from '../run-block.ts';
import { makeDocumentedNamespace } from './documented-objects.ts';

vi.setConfig({ testTimeout: 180_000 });

const root = fileURLToPath(new URL('../../../..', import.meta.url));

describeCluster('README on Kubernetes', ({ kubeconfig }) => {
  test('the block runs as it is in the namespace of docs/kubernetes.md, but for an image without Node', async () => {
    const text = await readFile(join(root, 'README.md'), 'utf8');
    const blocks = [...text.matchAll(/^```sh\n(.*?)^```$/gms)].map(([, block = '']) => block);
    const block = blocks.find((one) => one.includes('RECAC_RUNNER_BACKEND=kubernetes')) ?? '';
    const sample = /^sample=.*\ngit init.*\n/m.exec(text)?.[0];
    const namespace = `readme-${randomUUID().slice(0, 8)}`;
    await using _namespace = await makeDocumentedNamespace(await readConnection(kubeconfig), namespace);
    const here = block
      .replace(/^kubectl create namespace recac-agents.*\n/m, '')
      .replaceAll('recac-agents', namespace)
      .replaceAll('node:24', 'recac-test/debian:1')
      .replace('node --test check.mjs', 'cat check.mjs');
    const environment = {
      RECAC_RUNNER_BACKEND: 'kubernetes',
      RECAC_KUBERNETES_KUBECONFIG: kubeconfig,
      RECAC_KUBERNETES_NAMESPACE: namespace,
    };
    const shared = { environment, sessions: [] };
    const stdout = await runBlock(`${sample}${here}`, { workingDirectory: root, shared });
    expect(stdout).toContain("test('adds every item'");
    expect(stdout).toMatch(/^[0-9a-f]{7,} /m);
  });
});
