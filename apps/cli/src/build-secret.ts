import { resolve } from 'node:path';
import { invalidArgument } from '@recac/engine-core';

/** Where the value of a build's secret comes from. */
export type BuildSecret =
  | {
      /** Absolute path of a file. */
      readonly file: string;
    }
  | {
      /** Name of a variable of ours. */
      readonly environmentVariable: string;
    };

const nextStep = 'Write id=NAME,src=FILE or id=NAME,env=VARIABLE.';

/** The values of `--secret` by their ids, in docker's spelling. Errors: `RECAC_INVALID_ARGUMENT`. */
export function parseBuildSecrets(values: readonly string[]): Readonly<Record<string, BuildSecret>> {
  const secrets = new Map<string, BuildSecret>();
  for (const value of values) {
    const [id, secret] = parseOne(value);
    if (secrets.has(id)) throw invalidArgument('--secret', `must not give the id ${id} twice`, nextStep);
    secrets.set(id, secret);
  }
  return Object.fromEntries(secrets);
}

function parseOne(value: string): readonly [string, BuildSecret] {
  const fields = new Map<string, string>();
  for (const part of value.split(',')) {
    const equals = part.indexOf('=');
    const key = part.slice(0, Math.max(0, equals)).toLowerCase();
    const text = part.slice(equals + 1);
    if (!['id', 'src', 'source', 'env', 'type'].includes(key) || text === '' || fields.has(key))
      throw invalidArgument('--secret', `must not hold ${JSON.stringify(part)}`, nextStep);
    fields.set(key === 'source' ? 'src' : key, text);
  }
  const id = fields.get('id');
  const file = fields.get('src');
  const environmentVariable = fields.get('env') ?? (file === undefined ? id : undefined);
  if (id === undefined) throw invalidArgument('--secret', 'must have an id', nextStep);
  if (file !== undefined && environmentVariable !== undefined)
    throw invalidArgument('--secret', 'must have src or env, not both', nextStep);
  return [id, file === undefined ? { environmentVariable: environmentVariable ?? id } : { file: resolve(file) }];
}
