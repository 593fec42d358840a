// A process of its own, started with --expose-gc: `watch-memory.ts ours|informer|pod-informer KUBECONFIG COUNT` prints the bytes of heap in use once COUNT environments are known.
import process from 'node:process';
import { setTimeout as pause } from 'node:timers/promises';
import { BatchV1Api, CoreV1Api, KubeConfig, makeInformer } from '@kubernetes/client-node';
import { createKubernetesEngine } from '@recac/engine-k8s';

const [kind, kubeconfig = '', count] = [process.argv[2], process.argv[3], Number(process.argv[4])];
const namespace = 'default';
const kept: unknown[] = [];

async function watchOurs(): Promise<void> {
  const engine = createKubernetesEngine({ kubeconfig, namespace });
  kept.push(engine);
  const events = engine.watchEnvironments()[Symbol.asyncIterator]();
  kept.push(events);
  for (let seen = 0; seen < count; seen += 1) await events.next();
  kept.push(events.next());
}

async function inform(path: string, list: () => Promise<never>): Promise<void> {
  const config = new KubeConfig();
  config.loadFromFile(kubeconfig);
  const informer = makeInformer(config, path, list);
  kept.push(informer);
  await informer.start();
  while (informer.list().length < count) await pause(50);
}

function api<Api extends CoreV1Api | BatchV1Api>(type: new (configuration: never) => Api): Api {
  const config = new KubeConfig();
  config.loadFromFile(kubeconfig);
  return config.makeApiClient(type as never);
}

if (kind === 'ours') await watchOurs();
else {
  await inform(
    `/api/v1/namespaces/${namespace}/pods`,
    () => api(CoreV1Api).listNamespacedPod({ namespace }) as Promise<never>,
  );
  if (kind === 'informer')
    await inform(
      `/apis/batch/v1/namespaces/${namespace}/jobs`,
      () => api(BatchV1Api).listNamespacedJob({ namespace }) as Promise<never>,
    );
}
for (let round = 0; round < 5; round += 1) {
  globalThis.gc?.();
  await pause(200);
}
console.log(process.memoryUsage().heapUsed);
process.exit(0);
