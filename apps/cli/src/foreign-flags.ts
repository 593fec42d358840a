import { unsupportedCapability } from '@recac/engine-core';
import type { SettingFlags } from './config-overrides.ts';

/** Refuses flags that this backend has no use for. Engines of other packages may know those of Kubernetes; ours do not. Errors: `RECAC_CAPABILITY_UNSUPPORTED` naming the flag. */
export function refuseForeignFlags(flags: SettingFlags, backend: string): void {
  if (flags.hardening !== undefined && backend !== 'docker')
    throw unsupportedCapability(backend, '--hardening', 'Leave it out, or use --backend docker.');
  if (backend !== 'docker' && backend !== 'local') return;
  const ofKubernetes = {
    '--kubeconfig': flags.kubeconfig,
    '--context': flags.context,
    '--namespace': flags.namespace,
    '--pvc': flags.pvc,
    '--service-account': flags.serviceAccount,
    '--runtime-class': flags.runtimeClass,
  };
  for (const [flag, value] of Object.entries(ofKubernetes))
    if (value !== undefined) throw unsupportedCapability(backend, flag, 'Leave it out, or use --backend kubernetes.');
}
