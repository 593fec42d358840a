import type { Evidence } from '../../src/job/start-failure.ts';
import { aJob, anAgent, anEvent, aPod, evidence, terminated, waiting } from './samples.ts';

/** What is wrong; the reason, phase, code and finality to read; the evidence. */
type Row = readonly [what: string, reason: string, phase: string, code: string, isFinal: boolean, seen: Evidence];
const failed = 'RECAC_ENVIRONMENT_START_FAILED';
const unavailable = 'RECAC_WORKSPACE_UNAVAILABLE';
const conflict = 'RECAC_WORKSPACE_CONFLICT';

const unscheduled = (message: string, reason = 'Unschedulable'): Evidence => {
  const pod = aPod({ conditions: [{ type: 'PodScheduled', status: 'False', reason, message }] });
  return evidence({ pod: { ...pod, spec: {} } });
};
const mounting = (message: string, reason = 'FailedMount'): Evidence =>
  waiting('ContainerCreating', '', { podEvents: [anEvent(reason, message)] });
const disrupted = (reason: string): Evidence =>
  evidence({ pod: aPod({ phase: 'Failed', conditions: [{ type: 'DisruptionTarget', status: 'True', reason }] }) });

/** Causes and what they are read from: starting. */
export const starting: readonly Row[] = [
  ['Secret', 'ConfigMissing', 'start', failed, false, waiting('CreateContainerConfigError', 'secret "nope" not found')],
  [
    'root',
    'RootRefused',
    'start',
    failed,
    true,
    waiting('CreateContainerConfigError', 'container has runAsNonRoot and image will run as root'),
  ],
  [
    'handler',
    'RuntimeMissing',
    'start',
    failed,
    true,
    mounting(
      'Failed to create pod sandbox: rpc error: code = Unknown desc = failed to get sandbox runtime: no runtime for "gvisor" is configured',
      'FailedCreatePodSandBox',
    ),
  ],
  [
    'sandbox',
    'SandboxFailed',
    'start',
    failed,
    false,
    mounting('Failed to create pod sandbox: plugin type="bridge" failed (add)', 'FailedCreatePodSandBox'),
  ],
  [
    'mount',
    'MountFailed',
    'start',
    unavailable,
    false,
    mounting('MountVolume.SetUp failed for volume "pvc-1" : rpc error: code = Internal'),
  ],
  [
    'Secret that is mounted',
    'ConfigMissing',
    'start',
    failed,
    false,
    mounting('MountVolume.SetUp failed for volume "s" : secret "nope" not found'),
  ],
  [
    'hostPath',
    'HostPathMissing',
    'start',
    unavailable,
    true,
    mounting(
      'MountVolume.SetUp failed for volume "recac-workspace" : hostPath type check failed: /nope is not a directory',
    ),
  ],
  [
    'hostPath on 1.37',
    'HostPathMissing',
    'start',
    unavailable,
    true,
    mounting(
      'MountVolume.SetUp failed for volume "recac-workspace" : hostPath type check failed, /nope is not a directory, unable to determine its type: path "/nope" does not exist',
    ),
  ],
  [
    'Multi-Attach',
    'MultiAttach',
    'start',
    conflict,
    false,
    mounting(
      'Multi-Attach error for volume "pvc-1" Volume is already used by pod(s) a, b and 1 pod(s) in different namespaces',
      'FailedAttachVolume',
    ),
  ],
  [
    'Multi-Attach on 1.37',
    'MultiAttach',
    'start',
    conflict,
    false,
    mounting(
      'Waiting for detach for volume "pvc-1" Volume is already used by 2 pod(s) in different namespaces',
      'FailedAttachVolume',
    ),
  ],
  [
    'Multi-Attach, users gone',
    'StillAttached',
    'start',
    conflict,
    false,
    mounting(
      'Multi-Attach error for volume "pvc-1" Volume is already exclusively attached to one node and can\'t be attached to another',
      'FailedAttachVolume',
    ),
  ],
  [
    'Multi-Attach on 1.37, users gone',
    'StillAttached',
    'start',
    conflict,
    false,
    mounting(
      'Waiting for detach for volume "pvc-1" Volume is already exclusively attached to one node, waiting on detach before it can be attached to another node',
      'FailedAttachVolume',
    ),
  ],
  [
    'no sh, waiting',
    'NoShell',
    'start',
    failed,
    true,
    waiting(
      'RunContainerError',
      'failed to create containerd task: failed to create shim task: OCI runtime create failed: runc create failed: unable to start container process: error during container init: exec: "sh": executable file not found in $PATH',
    ),
  ],
  [
    'no sh, ended',
    'NoShell',
    'start',
    failed,
    true,
    terminated({
      exitCode: 128,
      reason: 'StartError',
      message: 'failed to create containerd task: exec: "sh": executable file not found in $PATH: unknown',
    }),
  ],
  [
    'platform',
    'WrongPlatform',
    'start',
    failed,
    true,
    terminated({ exitCode: 255, reason: 'Error', message: 'exec /bin/sh: exec format error\n' }),
  ],
  [
    'workspace',
    'WorkspaceNotWritable',
    'start',
    unavailable,
    true,
    terminated({ exitCode: 73, reason: 'Error', message: 'recac: the workspace cannot be written\n' }),
  ],
  [
    'create error',
    'CreateContainerError',
    'start',
    failed,
    true,
    waiting(
      'CreateContainerError',
      'failed to generate spec: path "/srv" is mounted on "/" but it is not a shared mount',
    ),
  ],
  [
    'runtime that is slow',
    'NodeSlow',
    'start',
    failed,
    false,
    waiting('CreateContainerError', 'context deadline exceeded'),
  ],
  [
    'runtime that is still at it',
    'NodeSlow',
    'start',
    failed,
    false,
    waiting(
      'CreateContainerError',
      'failed to reserve container name "agent_x_0": name "agent_x_0" is reserved for "5f"',
    ),
  ],
  [
    'Secret that comes late',
    'NodeSlow',
    'start',
    failed,
    false,
    waiting('CreateContainerConfigError', 'failed to sync secret cache: timed out waiting for the condition'),
  ],
  [
    'crash loop',
    'CrashLoop',
    'start',
    failed,
    true,
    evidence({
      pod: aPod({
        phase: 'Running',
        containerStatuses: [
          anAgent(
            { waiting: { reason: 'CrashLoopBackOff' } },
            { restartCount: 2, lastState: { terminated: { exitCode: 1, reason: 'Error', message: 'boom' } } },
          ),
        ],
      }),
    }),
  ],
  ['memory', 'OOMKilled', 'ready', failed, true, terminated({ exitCode: 137, reason: 'OOMKilled' })],
];

/** Causes and what they are read from: ends. */
export const ends: readonly Row[] = [
  [
    'eviction by the node',
    'Evicted',
    'pull',
    failed,
    true,
    evidence({
      pod: aPod({
        phase: 'Failed',
        reason: 'Evicted',
        message: 'Usage of EmptyDir volume "recac-tmp" exceeds the limit "10Gi". ',
      }),
    }),
  ],
  ['eviction by the API', 'Evicted', 'pull', failed, true, disrupted('EvictionByEvictionAPI')],
  ['preemption', 'Preempted', 'pull', failed, true, disrupted('PreemptionByScheduler')],
  ['node', 'NodeLost', 'pull', failed, true, disrupted('DeletionByTaintManager')],
  [
    'deadline',
    'DeadlineExceeded',
    'admit',
    failed,
    true,
    evidence({
      job: aJob({
        conditions: [
          {
            type: 'FailureTarget',
            status: 'True',
            reason: 'DeadlineExceeded',
            message: 'Job was active longer than specified deadline',
          },
        ],
      }),
    }),
  ],
  ['Job deleted', 'DeletedByOthers', 'admit', failed, true, { jobEvents: [], podEvents: [] }],
  [
    'pod deleted',
    'DeletedByOthers',
    'schedule',
    failed,
    true,
    { ...unscheduled('no nodes available to schedule pods'), podIsGone: true },
  ],
  [
    'pod failed by admission of the node',
    'OutOfcpu',
    'pull',
    failed,
    true,
    evidence({
      pod: aPod({
        phase: 'Failed',
        reason: 'OutOfcpu',
        message: "Pod was rejected: Node didn't have enough resource: cpu",
      }),
    }),
  ],
];
