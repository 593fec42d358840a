import { randomUUID } from 'node:crypto';
import { readFile, realpath } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import process from 'node:process';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { callApi, describeCluster, makeClaim, openCall, readConnection } from '@recac/e2e-cluster';
import { expect, test, vi } from 'vitest';
import { parse } from 'yaml';

vi.setConfig({ testTimeout: 180_000 });

const root = fileURLToPath(new URL('../../../..', import.meta.url));
const script = `
set -e
recac() { /node/node --conditions=@recac/source -- ${root}apps/cli/src/main.ts "$@"; }
mkdir -p /work/recac/recac-agent-inside && echo 'for the agent' >/work/recac/recac-agent-inside/task
recac run --name inside --image recac-test/busybox:1 -- sh -c 'cat task; echo "from the agent" >result'
cat /work/recac/recac-agent-inside/result
recac list --json
`;

/** recac in a pod: this repository and its Node come from the node's disk, the claim is the one that the agents work on. */
const toPod = async (claimName: string) => ({
  metadata: { name: 'recac' },
  spec: {
    serviceAccountName: 'recac',
    restartPolicy: 'Never',
    securityContext: { runAsUser: 10_000, runAsGroup: 10_000, fsGroup: 10_000, runAsNonRoot: true },
    containers: [
      {
        name: 'recac',
        image: 'recac-test/debian:1',
        imagePullPolicy: 'Never',
        command: ['sh', '-c', script],
        env: [
          { name: 'HOME', value: '/tmp' },
          { name: 'RECAC_RUNNER_BACKEND', value: 'kubernetes' },
          { name: 'RECAC_KUBERNETES_NAMESPACE', valueFrom: { fieldRef: { fieldPath: 'metadata.namespace' } } },
          { name: 'RECAC_KUBERNETES_PVC_NAME', value: claimName },
        ],
        volumeMounts: [
          { name: 'work', mountPath: '/work' },
          { name: 'program', mountPath: root, readOnly: true },
          { name: 'node', mountPath: '/node', readOnly: true },
        ],
      },
    ],
    volumes: [
      { name: 'work', persistentVolumeClaim: { claimName } },
      { name: 'program', hostPath: { path: root, type: 'Directory' } },
      { name: 'node', hostPath: { path: dirname(await realpath(process.execPath)), type: 'Directory' } },
    ],
  },
});

describeCluster('recac in a pod beside the claim of its agents', ({ kubeconfig }) => {
  test('works with its service account, the Role of the documents, and the same files', async () => {
    const connection = await readConnection(kubeconfig);
    const namespace = `inside-${randomUUID().slice(0, 8)}`;
    const make = (path: string, body: object) => callApi(connection, { method: 'POST', path, body });
    const core = `/api/v1/namespaces/${namespace}`;
    const rights = `/apis/rbac.authorization.k8s.io/v1/namespaces/${namespace}`;
    await make('/api/v1/namespaces', { metadata: { name: namespace } });
    try {
      await using _claim = await makeClaim({ kubeconfig, namespace, claimName: 'work' });
      const documented = /```yaml\n(apiVersion: rbac[\s\S]*?)```/.exec(
        await readFile(join(root, 'docs/kubernetes.md'), 'utf8'),
      );
      await make(`${rights}/roles`, { ...parse(documented?.[1] ?? ''), metadata: { name: 'recac' } });
      await make(`${rights}/rolebindings`, {
        metadata: { name: 'recac' },
        roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: 'recac' },
        subjects: [{ kind: 'ServiceAccount', name: 'recac', namespace }],
      });
      await make(`${core}/serviceaccounts`, { metadata: { name: 'recac' } });
      await make(`${core}/pods`, await toPod('work'));
      const readPod = () => callApi<{ status: { phase: string } }>(connection, { path: `${core}/pods/recac` });
      const phase = expect.poll(async () => (await readPod()).status.phase, { timeout: 120_000, interval: 500 });
      await phase.toMatch(/Succeeded|Failed/);
      const log = await text(await openCall(connection, { path: `${core}/pods/recac/log` }));
      expect(log).toMatch(/^for the agent$/m);
      expect(log).toMatch(/^from the agent$/m);
      expect(log).toContain('pvc, because kubernetes.pvc_name names a claim');
      expect(log.trimEnd()).toMatch(/\[\]$/);
      expect((await readPod()).status.phase).toBe('Succeeded');
    } finally {
      await callApi(connection, { method: 'DELETE', path: `/api/v1/namespaces/${namespace}` });
    }
  });
});
