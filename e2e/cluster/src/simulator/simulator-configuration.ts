const stage = (name: string, kind: 'Node' | 'Pod', matchExpressions: readonly object[], next: object): object => ({
  apiVersion: 'kwok.x-k8s.io/v1alpha1',
  kind: 'Stage',
  metadata: { name },
  spec: { resourceRef: { apiGroup: 'v1', kind }, selector: { matchExpressions }, next },
});

const ready = '.status.conditions.[] | select( .type == "Ready" ) | .status';
const deleted = '.metadata.deletionTimestamp';

const nodeStatus = `
{{ $now := Now }}
phase: Running
conditions:
- { type: Ready, status: "True", reason: Simulated, lastHeartbeatTime: {{ $now | Quote }}, lastTransitionTime: {{ $now | Quote }} }
addresses:
- { type: InternalIP, address: {{ NodeIP | Quote }} }
- { type: Hostname, address: {{ NodeName | Quote }} }
daemonEndpoints: { kubeletEndpoint: { Port: {{ NodePort }} } }
`;

const podStatus = `
{{ $now := Now }}
{{ $uid := .metadata.uid }}
phase: Running
startTime: {{ $now | Quote }}
conditions:
- { type: Initialized, status: "True", lastTransitionTime: {{ $now | Quote }} }
- { type: Ready, status: "True", lastTransitionTime: {{ $now | Quote }} }
- { type: ContainersReady, status: "True", lastTransitionTime: {{ $now | Quote }} }
containerStatuses:
{{ range .spec.containers }}
- name: {{ .name | Quote }}
  image: {{ .image | Quote }}
  imageID: {{ .image | Quote }}
  containerID: "simulated://{{ $uid }}"
  ready: true
  started: true
  restartCount: 0
  state: { running: { startedAt: {{ $now | Quote }} } }
{{ end }}
`;

/**
 * What the simulator plays: a node is ready, a pod runs at once and ends when it is deleted. A command in a pod is a process of this machine, in the cluster's
 * network, as root.
 */
export const simulatorConfiguration: readonly object[] = [
  stage('node-ready', 'Node', [{ key: ready, operator: 'NotIn', values: ['True'] }], { statusTemplate: nodeStatus }),
  stage(
    'pod-runs',
    'Pod',
    [
      { key: deleted, operator: 'DoesNotExist' },
      { key: '.status.phase', operator: 'In', values: ['Pending'] },
      { key: ready, operator: 'NotIn', values: ['True'] },
    ],
    { statusTemplate: podStatus },
  ),
  stage('pod-ends', 'Pod', [{ key: deleted, operator: 'Exists' }], { delete: true }),
  {
    apiVersion: 'kwok.x-k8s.io/v1alpha1',
    kind: 'ClusterExec',
    metadata: { name: 'processes' },
    spec: { execs: [{ local: { workDir: '/' } }] },
  },
];
