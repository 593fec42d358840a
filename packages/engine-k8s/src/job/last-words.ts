import { toServerWords } from '../api/server-words.ts';
import { toEventTime } from './kubernetes-event.ts';
import type { ContainerStatus, Pod } from './pod.ts';
import type { Evidence } from './start-failure.ts';

const mostEvents = 5;
/** What follows from others, and says nothing of its own. */
const derived: readonly string[] = ['Ready', 'ContainersReady'];

/** What the cluster shows of a start that did not come to its end, in its own words: how the pod is, or that there is none, then the last events, oldest first and each once. */
export function toLastWords({ job, pod, jobEvents, podEvents }: Evidence): readonly string[] {
  const events = [...jobEvents, ...podEvents]
    .toSorted((left, right) => toEventTime(left) - toEventTime(right))
    .map(({ reason = '', message = '' }) => `${reason}: ${message}`);
  const told = events.filter((event, index) => events.lastIndexOf(event) === index).slice(-mostEvents);
  const status = pod ? describePod(pod) : `job ${job?.metadata.name ?? ''}: it has no pod`;
  return [status, ...told].map(toServerWords);
}

function describePod({ metadata, status = {} }: Pod): string {
  const conditions = (status.conditions ?? [])
    .filter((condition) => condition.status !== 'True' && !derived.includes(condition.type))
    .map(({ type, status: state, reason, message }) => `${type} is ${state}${toCause(reason, message)}`);
  const containers = [...(status.initContainerStatuses ?? []), ...(status.containerStatuses ?? [])];
  return [
    `pod ${metadata.name}: ${status.phase ?? 'Unknown'}`,
    ...conditions,
    ...containers.map(describeContainer),
  ].join(', ');
}

function describeContainer({ name, state = {} }: ContainerStatus): string {
  if (state.running) return `${name} runs`;
  if (state.terminated) return `${name} has ended (exit code ${state.terminated.exitCode})`;
  return `${name} waits${toCause(state.waiting?.reason, state.waiting?.message)}`;
}

function toCause(...words: readonly (string | undefined)[]): string {
  const known = words.filter((word) => word !== undefined && word !== '');
  return known.length === 0 ? '' : ` (${known.join(': ')})`;
}
