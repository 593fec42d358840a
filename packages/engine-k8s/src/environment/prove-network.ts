import { type NetworkPreset, RecacError } from '@recac/engine-core';
import { delay } from '@recac/engine-kit';
import { type NetworkReach, probeNetwork } from '../exec/network-probe.ts';
import type { WaitingShell } from '../exec/open-pod-process.ts';

/** How the network of an environment is proved. */
export interface ProveNetworkOptions {
  /** The preset that must hold. */
  readonly preset: NetworkPreset;
  /** Tells the caller what is weaker than the preset says. */
  readonly onWarning: (message: string) => void;
  /** Cancels it. */
  readonly signal: AbortSignal;
}

/** A network plugin may take a moment to know a new policy. */
const patienceMs = 8_000;
const pauseMs = 250;

/**
 * Proves from inside that the cluster enforces the policy of an environment before anything else runs in it, since a network plugin that ignores policies tells
 * nobody. Gives whether the first try found it holding: false where the plugin took a moment. Errors: `RECAC_ENVIRONMENT_START_FAILED` with reason `NetworkNotEnforced`.
 */
export async function proveNetwork(
  shell: WaitingShell,
  { preset, onWarning, signal }: ProveNetworkOptions,
): Promise<boolean> {
  if (preset === 'open') return true;
  const giveUpAt = performance.now() + patienceMs;
  for (let tries = 1; ; tries += 1) {
    const reach = await probeNetwork(shell, preset === 'none' ? 'query' : 'metrics', signal);
    const finding = judgeReach(reach);
    if (finding !== 'ignored') {
      const warning = toWarning(finding, preset);
      if (warning !== undefined) onWarning(warning);
      return tries === 1;
    }
    if (performance.now() > giveUpAt) throw notEnforced(preset, reach);
    await delay(pauseMs, signal);
  }
}

/** What a reach proves: the policy holds, it is ignored, only the API server is reached, or nothing. */
export type NetworkFinding = 'holds' | 'ignored' | 'api-server' | 'untried';

/** Reads what was reached. A network plugin may leave a pod's own node open, and the API server may be there: then only the name server, a pod, is proof. */
export function judgeReach(reach: NetworkReach | undefined): NetworkFinding {
  if (!reach) return 'untried';
  const { apiServer, nameServer } = reach;
  if (nameServer === 'answered') return 'ignored';
  if (apiServer !== 'answered') return apiServer === 'absent' && nameServer === 'absent' ? 'untried' : 'holds';
  return nameServer === 'absent' ? 'ignored' : 'api-server';
}

function toWarning(finding: NetworkFinding, preset: NetworkPreset): string | undefined {
  if (finding === 'untried')
    return `nobody tried whether network ${preset} holds: the image has neither bash nor nc. A cluster may ignore NetworkPolicies.`;
  if (finding === 'api-server') {
    const unread =
      preset === 'internet'
        ? ', or as it is where you may not list endpointslices in namespace default and its address is public'
        : '';
    return `network ${preset} leaves the Kubernetes API server open, as network plugins that spare a pod's own node do${unread}. The environment has no credentials for it.`;
  }
  return undefined;
}

function notEnforced(preset: NetworkPreset, reach: NetworkReach | undefined): RecacError {
  const whom = reach?.nameServer === 'answered' ? 'name server' : 'API server';
  return new RecacError(
    'RECAC_ENVIRONMENT_START_FAILED',
    `this cluster does not enforce NetworkPolicies: with network ${preset} the environment still reaches the cluster's ${whom}. ` +
      'Accept that with --network open (session.network: open), or give the cluster a network plugin that enforces them, such as Calico, Cilium or ' +
      'kind 0.24 (minikube start --cni=calico).',
    { details: { phase: 'ready', reason: 'NetworkNotEnforced', preset, reach } },
  );
}
