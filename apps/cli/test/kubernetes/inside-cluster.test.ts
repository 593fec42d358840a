import { randomUUID } from 'node:crypto';
import { realpath } from 'node:fs/promises';
import { dirname } from 'node:path';
import process from 'node:process';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { callApi, describeCluster, openCall, readConnection } from '@recac/e2e-cluster';
import { expect, test, vi } from 'vitest';
import { type DocumentedObject, makeDocumentedNamespace, readDocumented } from './documented-objects.ts';

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

interface Pod extends DocumentedObject {
  readonly spec: {
    readonly containers: readonly [{ readonly volumeMounts: readonly object[] }];
    readonly volumes: readonly object[];
  };
}

/** The pod of the documents, where this repository and its Node come from the node's disk. */
async function toPod(documented: Pod): Promise<Pod> {
  const [container] = documented.spec.containers;
  const program = { image: 'recac-test/debian:1', imagePullPolicy: 'Never', command: ['sh', '-c', script] };
  const volumeMounts = [
    ...container.volumeMounts,
    { name: 'program', mountPath: root, readOnly: true },
    { name: 'node', mountPath: '/node', readOnly: true },
  ];
  const volumes = [
    ...documented.spec.volumes,
    { name: 'program', hostPath: { path: root, type: 'Directory' } },
    { name: 'node', hostPath: { path: dirname(await realpath(process.execPath)), type: 'Directory' } },
  ];
  const spec = { ...documented.spec, containers: [{ ...container, ...program, volumeMounts }] as const, volumes };
  return { ...documented, spec };
}

describeCluster('recac in a pod beside the claim of its agents', ({ kubeconfig }) => {
  test('works with the namespace, the rights, the quota and the pod of the documents, and the same files', async () => {
    const connection = await readConnection(kubeconfig);
    const namespace = `inside-${randomUUID().slice(0, 8)}`;
    const core = `/api/v1/namespaces/${namespace}`;
    await using _namespace = await makeDocumentedNamespace(connection, namespace);
    const [documented] = (await readDocumented('Pod', namespace)) as readonly [Pod];
    const make = (body: object, query = '') =>
      callApi(connection, { method: 'POST', path: `${core}/pods${query}`, body });
    await make(documented, '?dryRun=All');
    // The node's disk, which has the program here, is nothing that the profile of the documents allows.
    const labels = { 'pod-security.kubernetes.io/enforce': 'privileged' };
    await callApi(connection, { method: 'PUT', path: core, body: { metadata: { name: namespace, labels } } });
    await make(await toPod(documented));
    const readPod = () => callApi<{ status: { phase: string } }>(connection, { path: `${core}/pods/recac` });
    const phase = expect.poll(async () => (await readPod()).status.phase, { timeout: 120_000, interval: 500 });
    await phase.toMatch(/Succeeded|Failed/);
    const log = await text(await openCall(connection, { path: `${core}/pods/recac/log` }));
    expect(log).toMatch(/^for the agent$/m);
    expect(log).toMatch(/^from the agent$/m);
    expect(log).toContain('pvc, because kubernetes.pvc_name names a claim');
    expect(log.trimEnd()).toMatch(/\[\]$/);
    expect((await readPod()).status.phase).toBe('Succeeded');
  });
});
