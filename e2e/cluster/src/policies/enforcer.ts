// Enforces NetworkPolicies on the node of a test cluster: `node enforcer.ts DIRECTORY`, in the cluster's network namespace. The mode is in a file.
import { readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import process from 'node:process';
import { text } from 'node:stream/consumers';
import { setTimeout as delay } from 'node:timers/promises';
import { readConnection } from '../cluster-connection.ts';
import { kubeconfigPath } from '../cluster-plan.ts';
import { watchObjects } from '../watch-objects.ts';
import { applyRules, type PacketPath, removeRules } from './firewall.ts';
import { parsePolicyMode } from './policy-mode.ts';
import type { LabelledObject, NetworkPolicy, PolicyPod } from './policy-objects.ts';
import { toRules } from './policy-rules.ts';

const [directory = '.'] = process.argv.slice(2);
const mode = parsePolicyMode(readFileSync(join(directory, 'policies.mode'), 'utf8'));
const paths: readonly PacketPath[] = mode === 'spare-node' ? ['FORWARD'] : ['FORWARD', 'INPUT'];
const socket = join(directory, 'policies.sock');
const unknownPodMs = 3_000;

/** Addresses that pods have been given and have not published yet, by namespace and name. */
const given = new Map<string, string>();
const seen = { policies: [] as NetworkPolicy[], namespaces: [] as LabelledObject[], pods: [] as PolicyPod[] };
const nameOf = ({ metadata }: PolicyPod): string => `${metadata.namespace}/${metadata.name}`;

let applied: string | undefined;
let applying = Promise.resolve();
let waiting: Promise<void> | undefined;

/** Brings the rules up to date. Calls while one runs share the next. */
function update(): Promise<void> {
  waiting ??= applying.then(async () => {
    waiting = undefined;
    const pods = seen.pods.map((pod) => {
      const podIP = given.get(nameOf(pod));
      return podIP === undefined ? pod : { ...pod, status: { ...pod.status, podIP } };
    });
    const rules = toRules({ ...seen, pods }, mode === 'drop' ? 'DROP' : 'REJECT');
    const text = JSON.stringify([...rules]);
    if (text === applied) return;
    await applyRules(rules, paths);
    applied = text;
  });
  applying = waiting.catch((error) => console.error(error));
  return waiting;
}

function changed(): void {
  update().catch(() => {});
}

/** The network plugin tells which pod gets which address, and lets it start once its rules are there: a pod is closed before it can act. */
async function admit(message: string): Promise<string> {
  const [command, pod = '', address] = message.trim().split(' ');
  if (command !== 'ADD' || address === undefined) {
    given.delete(pod);
    return 'ok';
  }
  given.set(pod, address);
  const giveUpAt = performance.now() + unknownPodMs;
  while (!seen.pods.some((known) => nameOf(known) === pod) && performance.now() < giveUpAt) await delay(5);
  await update();
  return 'ok';
}

async function stop(): Promise<void> {
  rmSync(socket, { force: true });
  await applying;
  await removeRules(paths);
  process.exit(0);
}

rmSync(socket, { force: true });
process.once('SIGTERM', () => void stop());
const connection = await readConnection(kubeconfigPath(directory));
const follow = <T extends LabelledObject>(path: string, take: (objects: readonly T[]) => void): Promise<void> =>
  new Promise((resolve) => {
    void watchObjects<T>(connection, path, (objects) => {
      take(objects);
      changed();
      resolve();
    });
  });
await Promise.all([
  follow<NetworkPolicy>('/apis/networking.k8s.io/v1/networkpolicies', (objects) => {
    seen.policies = [...objects];
  }),
  follow<LabelledObject>('/api/v1/namespaces', (objects) => {
    seen.namespaces = [...objects];
  }),
  follow<PolicyPod>('/api/v1/pods', (objects) => {
    seen.pods = [...objects];
  }),
]);
await update();
createServer({ allowHalfOpen: true }, (client) => {
  client.on('error', () => {});
  text(client)
    .then(admit)
    .then(
      (answer) => client.end(`${answer}\n`),
      () => client.destroy(),
    );
}).listen(socket);
