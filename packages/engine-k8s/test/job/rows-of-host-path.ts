import type { Row } from './rows-before-start.ts';
import { anEvent, evidence } from './samples.ts';

const refused = (message: string) => evidence({ jobEvents: [anEvent('FailedCreate', `Error creating: ${message}`)] });
const pods = 'pods "recac-agent-x-" is forbidden:';
const unavailable = 'RECAC_WORKSPACE_UNAVAILABLE';
const failed = 'RECAC_ENVIRONMENT_START_FAILED';

/** Causes and what they are read from: directories of the node that are not allowed. */
export const hostPath: readonly Row[] = [
  [
    'hostPath and PodSecurity',
    'HostPathForbidden',
    'admit',
    unavailable,
    true,
    refused(
      `${pods} violates PodSecurity "restricted:latest": hostPath volumes (volume "recac-workspace"), runAsNonRoot != true (pod must not set securityContext.runAsNonRoot=false)`,
    ),
  ],
  [
    'hostPath of a pod template and PodSecurity',
    'PodSecurityRefused',
    'admit',
    failed,
    true,
    refused(`${pods} violates PodSecurity "baseline:latest": hostPath volumes (volume "docker")`),
  ],
  [
    'hostPath and a policy',
    'HostPathForbidden',
    'admit',
    unavailable,
    true,
    refused(
      `admission webhook "validate.kyverno.svc-fail" denied the request: HostPath volumes are forbidden. The field spec.volumes[*].hostPath must be unset.`,
    ),
  ],
];
