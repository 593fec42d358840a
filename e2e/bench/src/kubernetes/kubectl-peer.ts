import { runPeer } from '../docker/docker-peer.ts';
import { kubeconfig, kubectl, toPeerJob } from './peer-job.ts';

/** Runs kubectl and gives its output. */
export function runKubectl(parameters: readonly string[], input = ''): Promise<string> {
  const [program = '', ...before] = kubectl;
  return runPeer(program, [...before, '--kubeconfig', kubeconfig, ...parameters], input);
}

/** `kubectl apply`, `wait` and `exec`: a Job and its first command. Gives the Job's name. */
export async function startByKubectl(): Promise<string> {
  const job = toPeerJob();
  const { name } = job.metadata;
  await runKubectl(['apply', '-f', '-'], JSON.stringify(job));
  const selector = ['--selector', `recac-bench=${name}`];
  await runKubectl(['wait', 'pod', ...selector, '--for', 'condition=Ready', '--timeout', '60s']);
  await runKubectl(['exec', `job/${name}`, '--', 'true']);
  return name;
}

/** Deletes Jobs and waits until their pods are gone. */
export async function removeByKubectl(...names: readonly string[]): Promise<void> {
  for (const name of names) await runKubectl(['delete', 'job', name, '--wait']);
}
