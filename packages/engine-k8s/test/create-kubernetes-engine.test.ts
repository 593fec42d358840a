import { expect, test } from 'vitest';
import { createKubernetesEngine } from '../src/create-kubernetes-engine.ts';

test('takes the settings of every engine, and checks them', () => {
  for (const field of ['maxLanes', 'idleLaneMs', 'recordLimitBytes', 'reconnectMs'])
    expect(() => createKubernetesEngine({ [field]: -1 })).toThrow(
      expect.objectContaining({ code: 'RECAC_INVALID_ARGUMENT', details: expect.objectContaining({ field }) }),
    );
});
