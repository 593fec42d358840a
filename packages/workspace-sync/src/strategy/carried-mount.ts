import type { ContainerEngine, WorkspaceMount } from '@recac/engine-core';

/** A mount that files are carried into. */
export type CarriedMount = Extract<WorkspaceMount, { readonly type: 'persistentVolumeClaim' | 'scratch' }>;

/** The directory for files that are carried: in the claim where one is named; else one that outlives its environment, where the engine can keep it, so that a lease that ends costs no work. */
export function toCarriedMount({ capabilities }: ContainerEngine, claimName: string | undefined): CarriedMount {
  if (claimName !== undefined) return { type: 'persistentVolumeClaim', claimName };
  return capabilities.keptWorkspaces ? { type: 'scratch', outlives: true } : { type: 'scratch' };
}
