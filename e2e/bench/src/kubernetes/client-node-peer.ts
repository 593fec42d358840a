import { Writable } from 'node:stream';
import { setTimeout as pause } from 'node:timers/promises';
import { BatchV1Api, Exec, KubeConfig, type V1Pod, Watch } from '@kubernetes/client-node';
import { kubeconfig, toPeerJob } from './peer-job.ts';

const namespace = 'default';

/** A careful program over client-node: connections kept, a watch instead of polls, its `Exec`. */
export function createClientNodePeer() {
  const config = new KubeConfig();
  config.loadFromFile(kubeconfig);
  const [jobs, watch, exec] = [config.makeApiClient(BatchV1Api), new Watch(config), new Exec(config)];
  const found = (name: string, isReady: (pod: V1Pod) => boolean): Promise<string> =>
    new Promise((resolve, reject) => {
      const path = `/api/v1/namespaces/${namespace}/pods`;
      const onPod = (_phase: string, pod: V1Pod): void => {
        if (!isReady(pod)) return;
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
      const pod = found(name, ({ status }) => status?.phase === 'Running');
      await jobs.createNamespacedJob({ namespace, body });
      await run(await pod);
      return name;
    },
    /** The floor: as `start`, but tries the command as soon as there is a node, again and again. */
    async startEagerly({ volumes }: { readonly volumes: boolean }): Promise<string> {
      const body = toPeerJob({ volumes });
      const { name } = body.metadata;
      const pod = found(name, ({ spec }) => spec?.nodeName !== undefined);
      await jobs.createNamespacedJob({ namespace, body });
      const podName = await pod;
      while (
        !(await run(podName).then(
          () => true,
          () => false,
        ))
      )
        await pause(25);
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
