import { z } from 'zod';
import { cpuField, memoryField } from './quantity-field.ts';

/** A section `resources` as it is written: `requests` and `limits`, each with `cpu` and `memory`. */
export function resourcesSection(description: string) {
  return z
    .strictObject({
      requests: amountsSchema('What the scheduler sets aside', '500m', '1Gi'),
      limits: amountsSchema('What an environment may not exceed', '2000m', '4Gi'),
    })
    .prefault({})
    .meta({ description });
}

function amountsSchema(what: string, cpu: string, memory: string) {
  return z
    .strictObject({
      cpu: cpuField()
        .optional()
        .meta({ description: `${what}: CPU, as a Kubernetes quantity.`, examples: [cpu] }),
      memory: memoryField()
        .optional()
        .meta({ description: `${what}: memory, as a Kubernetes quantity.`, examples: [memory] }),
    })
    .prefault({})
    .meta({ description: `${what}.` });
}
