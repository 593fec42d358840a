import type { V1Job, V1NetworkPolicy } from '@kubernetes/client-node';
import { expectTypeOf, test } from 'vitest';
import type { NewJob } from '../../src/job/job-object.ts';
import type { NewNetworkPolicy } from '../../src/job/network-policy.ts';

/** Our plain objects name their fields as the generated models do: what is misspelt here would be dropped by the API server in silence. */
test('what is sent has the fields of batch/v1 and networking.k8s.io/v1', () => {
  expectTypeOf<keyof NewJob['spec']>().toExtend<keyof NonNullable<V1Job['spec']>>();
  expectTypeOf<keyof NewJob>().toExtend<keyof V1Job>();
  expectTypeOf<keyof NewNetworkPolicy['spec']>().toExtend<keyof NonNullable<V1NetworkPolicy['spec']>>();
});
