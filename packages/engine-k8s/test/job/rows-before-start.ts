import type { Evidence } from '../../src/job/start-failure.ts';
import { anEvent, aPod, evidence, waiting } from './samples.ts';

/** What is wrong; the reason, phase, code and finality to read; the evidence. */
export type Row = readonly [
  what: string,
  reason: string,
  phase: string,
  code: string,
  isFinal: boolean,
  seen: Evidence,
];
const failed = 'RECAC_ENVIRONMENT_START_FAILED';
const pulled = 'RECAC_IMAGE_PULL_FAILED';
const absent = 'RECAC_IMAGE_NOT_FOUND';
const unavailable = 'RECAC_WORKSPACE_UNAVAILABLE';
const conflict = 'RECAC_WORKSPACE_CONFLICT';

const refused = (message: string): Evidence =>
  evidence({ jobEvents: [anEvent('FailedCreate', `Error creating: ${message}`)] });
const pods = 'pods "recac-agent-x-" is forbidden:';
const unscheduled = (message: string, reason = 'Unschedulable'): Evidence => {
  const pod = aPod({ conditions: [{ type: 'PodScheduled', status: 'False', reason, message }] });
  return evidence({ pod: { ...pod, spec: {} } });
};

/** Causes and what they are read from: admission. */
export const admission: readonly Row[] = [
  [
    'quota',
    'QuotaExceeded',
    'admit',
    failed,
    false,
    refused(`${pods} exceeded quota: compute, requested: pods=1, used: pods=10, limited: pods=10`),
  ],
  [
    'quota that wants limits',
    'QuotaNeedsResources',
    'admit',
    failed,
    true,
    refused(`${pods} failed quota: compute: must specify limits.cpu for: agent`),
  ],
  [
    'PodSecurity',
    'PodSecurityRefused',
    'admit',
    failed,
    true,
    refused(
      `${pods} violates PodSecurity "restricted:latest": runAsNonRoot != true (pod or container "agent" must set securityContext.runAsNonRoot=true)`,
    ),
  ],
  [
    'ServiceAccount',
    'ServiceAccountMissing',
    'admit',
    failed,
    true,
    refused(`${pods} error looking up service account agents/nope: serviceaccount "nope" not found`),
  ],
  [
    'default ServiceAccount',
    'ServiceAccountMissing',
    'admit',
    failed,
    false,
    refused(`${pods} error looking up service account agents/default: serviceaccount "default" not found`),
  ],
  [
    'LimitRange',
    'LimitRangeExceeded',
    'admit',
    failed,
    true,
    refused(`${pods} [maximum memory usage per Container is 1Gi, but limit is 4Gi]`),
  ],
  [
    'webhook that refuses',
    'WebhookRefused',
    'admit',
    failed,
    true,
    refused('admission webhook "policy.example.com" denied the request: no root here'),
  ],
  [
    'webhook that is down',
    'WebhookUnavailable',
    'admit',
    failed,
    false,
    refused(
      'Internal error occurred: failed calling webhook "policy.example.com": failed to call webhook: Post "https://policy.kube-system.svc:443/": context deadline exceeded',
    ),
  ],
  [
    'PriorityClass',
    'PriorityClassMissing',
    'admit',
    failed,
    true,
    refused(`${pods} no PriorityClass with name nope was found`),
  ],
  [
    'RuntimeClass',
    'RuntimeClassMissing',
    'admit',
    failed,
    true,
    refused(`${pods} pod rejected: RuntimeClass "nope" not found`),
  ],
  [
    'admission policy',
    'AdmissionRefused',
    'admit',
    failed,
    true,
    refused(`${pods} ValidatingAdmissionPolicy 'p' with binding 'b' denied request: no`),
  ],
  ['something new', 'CreateFailed', 'admit', failed, false, refused('etcdserver: request timed out')],
];

/** Causes and what they are read from: scheduling. */
export const scheduling: readonly Row[] = [
  [
    'cpu',
    'InsufficientResources',
    'schedule',
    failed,
    false,
    unscheduled(
      '0/1 nodes are available: 1 Insufficient cpu. no new claims to deallocate, preemption: 0/1 nodes are available: 1 Preemption is not helpful for scheduling.',
    ),
  ],
  [
    'taints',
    'Tainted',
    'schedule',
    failed,
    false,
    unscheduled('0/1 nodes are available: 1 node(s) had untolerated taint {dedicated: gpu}.'),
  ],
  [
    'selector',
    'NoNodeMatches',
    'schedule',
    failed,
    false,
    unscheduled("0/1 nodes are available: 1 node(s) didn't match Pod's node affinity/selector."),
  ],
  [
    'volume affinity',
    'VolumeAffinity',
    'schedule',
    failed,
    false,
    unscheduled(
      "0/2 nodes are available: 1 node(s) didn't match Pod's node affinity/selector, 1 node(s) didn't match PersistentVolume's node affinity.",
    ),
  ],
  [
    'volume affinity of older schedulers',
    'VolumeAffinity',
    'schedule',
    failed,
    false,
    unscheduled('0/2 nodes are available: 2 node(s) had volume node affinity conflict.'),
  ],
  [
    'missing claim',
    'ClaimMissing',
    'schedule',
    unavailable,
    false,
    unscheduled('0/1 nodes are available: persistentvolumeclaim "nope" not found. not found'),
  ],
  [
    'unbound claim',
    'ClaimUnbound',
    'schedule',
    unavailable,
    false,
    unscheduled('0/1 nodes are available: pod has unbound immediate PersistentVolumeClaims.'),
  ],
  [
    'claim for one pod',
    'ClaimInUse',
    'schedule',
    conflict,
    false,
    unscheduled(
      '0/1 nodes are available: 1 node has pod using PersistentVolumeClaim with the same name and ReadWriteOncePod access mode.',
    ),
  ],
  [
    'gates',
    'SchedulingGated',
    'schedule',
    failed,
    false,
    unscheduled('Scheduling is blocked due to non-empty scheduling gates', 'SchedulingGated'),
  ],
  ['no nodes', 'Unschedulable', 'schedule', failed, false, unscheduled('no nodes available to schedule pods')],
];

/** Causes and what they are read from: pulling. */
export const pulling: readonly Row[] = [
  [
    'bad name',
    'InvalidImageName',
    'pull',
    'RECAC_INVALID_ARGUMENT',
    true,
    waiting(
      'InvalidImageName',
      'Failed to apply default image tag "Bad:": couldn\'t parse image name: invalid reference format',
    ),
  ],
  [
    'policy never',
    'ImageNeverPull',
    'pull',
    absent,
    true,
    waiting('ErrImageNeverPull', 'Container image "x" is not present with pull policy of Never'),
  ],
  [
    'not found',
    'ImageNotFound',
    'pull',
    absent,
    true,
    waiting(
      'ErrImagePull',
      'rpc error: code = NotFound desc = failed to pull and unpack image "r.example/nope:1": failed to resolve reference "r.example/nope:1": r.example/nope:1: not found',
    ),
  ],
  [
    'refused',
    'ImagePullUnauthorized',
    'pull',
    pulled,
    true,
    waiting(
      'ErrImagePull',
      'failed to pull and unpack image "r.example/x:1": failed to resolve reference "r.example/x:1": pull access denied, repository does not exist or may require authorization: server message: insufficient_scope: authorization failed',
    ),
  ],
  [
    'unreachable',
    'RegistryUnreachable',
    'pull',
    pulled,
    false,
    waiting(
      'ImagePullBackOff',
      'Back-off pulling image "r.example/x:1": ErrImagePull: failed to resolve reference: failed to do request: Head "https://r.example/v2/x/manifests/1": dial tcp: lookup r.example: no such host',
    ),
  ],
  [
    'platform',
    'WrongPlatform',
    'pull',
    absent,
    true,
    waiting('ErrImagePull', 'failed to pull and unpack image "x": no match for platform in manifest: not found'),
  ],
  [
    'limit',
    'RegistryLimit',
    'pull',
    pulled,
    false,
    waiting('ErrImagePull', 'unexpected status code 429 Too Many Requests'),
  ],
  [
    'back-off without words',
    'ImagePullFailed',
    'pull',
    pulled,
    false,
    waiting('ImagePullBackOff', 'Back-off pulling image "x"'),
  ],
  [
    'back-off with an event',
    'ImageNotFound',
    'pull',
    absent,
    true,
    waiting('ImagePullBackOff', 'Back-off pulling image "x"', {
      podEvents: [anEvent('Failed', 'Failed to pull image "x": x: not found')],
    }),
  ],
];
