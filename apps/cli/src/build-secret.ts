import { resolve } from 'node:path';
import { type BuildSecret, invalidArgument } from '@recac/engine-core';

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
  if (id === undefined) throw invalidArgument('--secret', 'must have an id', nextStep);
  return [id, toSecret(id, { type: fields.get('type'), source: fields.get('src'), variable: fields.get('env') })];
}

interface SecretFields {
  readonly type: string | undefined;
  readonly source: string | undefined;
  readonly variable: string | undefined;
}

/** As docker reads them: with `type=env` the source is a variable. What contradicts itself is refused, where docker takes one of both. */
function toSecret(id: string, { type, source, variable }: SecretFields): BuildSecret {
  if (type !== undefined && type !== 'file' && type !== 'env')
    throw invalidArgument('--secret', 'must have the type file or env', nextStep);
  if (source !== undefined && variable !== undefined)
    throw invalidArgument('--secret', 'must have src or env, not both', nextStep);
  if (type === 'file' && source === undefined)
    throw invalidArgument('--secret', 'must have a src with type=file', nextStep);
  if (source !== undefined && type !== 'env') return { file: resolve(source) };
  return { environmentVariable: variable ?? source ?? id };
}
