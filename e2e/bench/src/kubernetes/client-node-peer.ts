import { Writable } from 'node:stream';
import { BatchV1Api, Exec, KubeConfig, type V1Pod, Watch } from '@kubernetes/client-node';
import { kubeconfig, toPeerJob } from './peer-job.ts';

const namespace = 'default';

/** A careful program over client-node: connections kept, a watch instead of polls, its `Exec`. */
export function createClientNodePeer() {
  const config = new KubeConfig();
  config.loadFromFile(kubeconfig);
  const [jobs, watch, exec] = [config.makeApiClient(BatchV1Api), new Watch(config), new Exec(config)];
  const running = (name: string): Promise<string> =>
    new Promise((resolve, reject) => {
      const path = `/api/v1/namespaces/${namespace}/pods`;
      const onPod = (_phase: string, pod: V1Pod): void => {
        if (pod.status?.phase !== 'Running') return;
        resolve(pod.metadata?.name ?? '');
        void request.then((controller) => controller.abort());
      };
      const request = watch.watch(path, { labelSelector: `recac-bench=${name}` }, onPod, (error) => reject(error));
    });
  const run = (pod: string): Promise<void> =>
    new Promise((resolve, reject) => {
      const sink = (): Writable => new Writable({ write: (_chunk, _encoding, done) => done() });
      exec
        .exec(namespace, pod, 'agent', ['true'], sink(), sink(), null, false, ({ status }) =>
          status === 'Success' ? resolve() : reject(new Error(`exec: ${status}`)),
        )
        .catch(reject);
    });
  return {
    /** Creates a Job and runs its first command. Gives the Job's name. */
    async start(): Promise<string> {
      const body = toPeerJob();
      const { name } = body.metadata;
      const pod = running(name);
      await jobs.createNamespacedJob({ namespace, body });
      await run(await pod);
      return name;
    },
    /** Deletes a Job with its pod. */
    async remove(name: string): Promise<void> {
      await jobs.deleteNamespacedJob({ namespace, name, propagationPolicy: 'Background' });
    },
    /** Runs `true` in a pod. */
    run,
  };
}
