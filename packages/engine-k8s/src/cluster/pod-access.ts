import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ClusterAccess, ClusterCredentials } from './cluster-access.ts';

/** Where a pod finds its service account. */
const accountDirectory = '/var/run/secrets/kubernetes.io/serviceaccount';

/** The cluster that this process runs in, by the service account of its pod; undefined outside of one. */
export async function findPodAccess(
  environment: Readonly<Record<string, string | undefined>>,
  directory: string = accountDirectory,
): Promise<ClusterAccess | undefined> {
  const { KUBERNETES_SERVICE_HOST: host, KUBERNETES_SERVICE_PORT: port = '443' } = environment;
  const read = (name: string): Promise<string> => readFile(join(directory, name), 'utf8').then((text) => text.trim());
  if (host === undefined || host === '' || (await read('token').catch(() => '')) === '') return undefined;
  const namespace = await read('namespace').catch(() => undefined);
  return {
    server: new URL(`https://${host.includes(':') ? `[${host}]` : host}:${port}`),
    contextName: 'in-cluster',
    ...(namespace === undefined ? {} : { namespace }),
    // The kubelet renews the token in its file.
    credentials: async (): Promise<ClusterCredentials> => ({
      headers: { Authorization: `Bearer ${await read('token')}` },
      ca: await read('ca.crt'),
    }),
  };
}
