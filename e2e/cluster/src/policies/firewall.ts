import { runProgram } from '../run-program.ts';
import { mainChain, podChainPrefix } from './policy-rules.ts';

/** Where packets of pods pass: between pods and to the outside, and, unless the own node is spared, from pods to it. What the node sends always arrives. */
export type PacketPath = 'FORWARD' | 'INPUT';

/** Replaces the rules of all policies at once. */
export async function applyRules(
  chains: ReadonlyMap<string, readonly string[]>,
  paths: readonly PacketPath[],
): Promise<void> {
  const present = await runProgram(['iptables', '--wait', '-S']);
  const old = [...present.matchAll(/^-N (\S+)$/gm)].map(([, name]) => String(name)).filter((name) => isOurs(name));
  const gone = old.filter((name) => !chains.has(name));
  const jumps = paths
    .filter((path) => !present.includes(`-A ${path} -j ${mainChain}\n`))
    .map((path) => `-I ${path} -j ${mainChain}`);
  const lines = [
    '*filter',
    ...[...chains.keys(), ...gone].map((name) => `:${name} - [0:0]`),
    ...[...chains].flatMap(([name, rules]) => rules.map((rule) => `-A ${name} ${rule}`)),
    ...jumps,
    ...gone.map((name) => `-X ${name}`),
    'COMMIT',
    '',
  ];
  await runProgram(['iptables-restore', '--wait', '--noflush'], { input: lines.join('\n') });
}

/** Takes all rules away: every packet passes again. */
export async function removeRules(paths: readonly PacketPath[]): Promise<void> {
  for (const path of paths) await runProgram(['iptables', '--wait', '-D', path, '-j', mainChain]).catch(() => {});
  await applyRules(new Map(), []);
}

function isOurs(chain: string): boolean {
  return chain === mainChain || chain.startsWith(podChainPrefix);
}
