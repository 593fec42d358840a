import { z } from 'zod';
import { validateNamespace, validateObjectName } from './kubernetes-name.ts';
import { pathField } from './path-field.ts';
import { memoryField } from './quantity-field.ts';
import { resourcesSection } from './resources-section.ts';
import { textField } from './text-field.ts';

/** Section `kubernetes` as it is written. */
export const kubernetesSectionSchema = z
  .strictObject({
    kubeconfig: pathField()
      .optional()
      .meta({
        description: "Path of the kubeconfig file. Default: Kubernetes' usual resolution.",
        examples: ['~/.kube/config'],
      }),
    context: textField()
      .optional()
      .meta({ description: 'Context of the kubeconfig. Default: its current one.', examples: ['my-cluster'] }),
    namespace: textField(validateNamespace)
      .default('default')
      .meta({ description: 'Namespace of the Jobs; agents should have one of their own.', examples: ['recac-agents'] }),
    pvc_name: textField(validateObjectName)
      .optional()
      .meta({ description: 'PersistentVolumeClaim that holds the workspaces.', examples: ['recac-workspace'] }),
    pvc_size: memoryField()
      .optional()
      .meta({
        description:
          'With `pvc_name`: the claim is made with this size where there is none of that name, and stays until you delete it. Without: the workspace of each session is a volume of its own of this size, made and removed with its pod. Default: a claim has to be there; without one, a directory on the disk of the node.',
        examples: ['20Gi'],
      }),
    pvc_storage_class: textField(validateObjectName)
      .optional()
      .meta({ description: "StorageClass of these volumes. Default: the cluster's.", examples: ['fast'] }),
    git_secret: textField(validateObjectName)
      .optional()
      .meta({
        description:
          'Secret with the credential of `workspace.remote`: key `password`, and maybe `username` and `ca.crt`. Only the container that clones sees it, before anything else runs.',
        examples: ['git-login'],
      }),
    resources: resourcesSection('What each environment asks for and may use; each request at most its limit.'),
    service_account: textField(validateObjectName)
      .optional()
      .meta({
        description: "ServiceAccount of the pods; its token is never mounted. Default: the namespace's `default`.",
        examples: ['recac-agent-sa'],
      }),
    runtime_class: textField(validateObjectName)
      .optional()
      .meta({ description: "RuntimeClass of the pods. Default: the cluster's.", examples: ['gvisor', 'kata'] }),
    node_selector: z
      .record(textField(), z.string())
      .optional()
      .meta({ description: 'Labels that a node must have.', examples: [{ pool: 'agents' }] }),
    tolerations: z
      .array(
        z.strictObject({
          key: textField().optional(),
          operator: z.enum(['Exists', 'Equal']).optional(),
          value: z.string().optional(),
          effect: z.enum(['NoSchedule', 'PreferNoSchedule', 'NoExecute']).optional(),
          tolerationSeconds: z.int().nonnegative().optional(),
        }),
      )
      .optional()
      .meta({
        description: 'Taints of nodes that are tolerated, as in a pod.',
        examples: [[{ key: 'agents', operator: 'Exists', effect: 'NoSchedule' }]],
      }),
    priority_class: textField(validateObjectName)
      .optional()
      .meta({ description: "PriorityClass of the pods. Default: the cluster's.", examples: ['batch-low'] }),
    image_pull_secrets: z
      .array(textField(validateObjectName))
      .optional()
      .meta({
        description: 'Secrets with registry credentials. Default: those of the ServiceAccount.',
        examples: [['registry-login']],
      }),
    restart_policy: z
      .enum(['Never', 'OnFailure'])
      .optional()
      .meta({
        description:
          'What happens to a container that fails. Default: `Never`. `OnFailure` starts it again, which ends the environment all the same: its processes and files are gone.',
        examples: ['Never'],
      }),
    labels: z
      .record(textField(), z.string())
      .optional()
      .meta({ description: 'Labels of Jobs and pods.', examples: [{ team: 'agents' }] }),
    annotations: z
      .record(textField(), z.string())
      .optional()
      .meta({
        description: 'Annotations of Jobs and pods.',
        examples: [{ 'cluster-autoscaler.kubernetes.io/safe-to-evict': 'false' }],
      }),
    pod_template: z
      .record(z.string(), z.unknown())
      .optional()
      .meta({
        description:
          'Merged into the template of the pod by the rules of `kubectl patch` (strategic merge); what recac relies on is protected and refused by name.',
        examples: [{ spec: { hostAliases: [] } }],
      }),
  })
  .prefault({})
  .meta({ description: 'Settings of the Kubernetes engine.' });
