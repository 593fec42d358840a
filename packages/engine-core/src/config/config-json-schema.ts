import { z } from 'zod';
import { configSchema } from './config-schema.ts';

/** The JSON Schema (draft-07) of the configuration as it is written, for editors. The same as `@recac/engine-core/schema.json`. */
export function toConfigJsonSchema(): Readonly<Record<string, unknown>> {
  return z.toJSONSchema(configSchema, { io: 'input', target: 'draft-07' });
}
