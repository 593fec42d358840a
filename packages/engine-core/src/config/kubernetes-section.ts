import { z } from 'zod';
import { validateNamespace, validateObjectName } from './kubernetes-name.ts';
import { pathField } from './path-field.ts';
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
    resources: resourcesSection('What each environment asks for and may use; each request at most its limit.'),
    service_account: textField(validateObjectName)
      .optional()
      .meta({
        description: "ServiceAccount of the pods; its token is never mounted. Default: the namespace's `default`.",
        examples: ['recac-agent-sa'],
      }),
  })
  .prefault({})
  .meta({ description: 'Settings of the Kubernetes engine.' });
