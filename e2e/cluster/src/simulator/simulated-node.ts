/** Taint of simulated nodes, so that only who tolerates it is put there. */
const simulatedTaint = { key: 'recac.test/simulated', value: 'true', effect: 'NoSchedule' } as const;

/** Label of simulated nodes. */
const simulatedLabel = { 'recac.test/simulated': 'true' } as const;

/** Annotation of the nodes that the simulator plays. */
export const simulatedAnnotation = 'kwok.x-k8s.io/node';

/** Port at which the simulator answers for all its kubelets. */
export const simulatorPort = 10_247;

const capacity = { cpu: '64', memory: '256Gi', 'ephemeral-storage': '1Ti', pods: '110' };

/** A node that nobody is behind. */
export function toSimulatedNode(index: number): object {
  const name = `simulated-${index}`;
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: {
      name,
      labels: { ...simulatedLabel, 'kubernetes.io/hostname': name, 'kubernetes.io/os': 'linux' },
      annotations: { [simulatedAnnotation]: 'fake' },
    },
    spec: { taints: [simulatedTaint] },
    status: { capacity, allocatable: capacity },
  };
}
