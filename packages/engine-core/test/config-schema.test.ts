import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { listConfigSections } from '../src/config/config-setting.ts';
import { checkConfig, listConfigSettings, toConfigJsonSchema } from '../src/index.ts';

const root = new URL('../../../', import.meta.url);

interface SchemaNode {
  readonly description?: string;
  readonly properties?: Readonly<Record<string, SchemaNode>>;
}

test('schema.json and docs/configuration.md are what the schema gives', () => {
  expect(() =>
    execFileSync(process.execPath, ['--conditions=@recac/source', 'scripts/generate-schema.mjs', '--check'], {
      cwd: root,
      stdio: 'pipe',
    }),
  ).not.toThrow();
  const written = JSON.parse(readFileSync(new URL('packages/engine-core/schema.json', root), 'utf8'));
  expect(written).toEqual(toConfigJsonSchema());
});

test('every key has a description, every setting an example, and every example is valid', () => {
  const walk = (node: SchemaNode): void => {
    expect(node.description).toMatch(/^[A-Z].*\.$/);
    Object.values(node.properties ?? {}).forEach(walk);
  };
  walk(toConfigJsonSchema() as SchemaNode);
  for (const { path, examples } of listConfigSettings()) {
    expect(examples.length, path).toBeGreaterThan(0);
    for (const example of examples)
      expect(checkConfig(nest(path.split('.'), example)), path).toMatchObject({ ok: true });
  }
});

test('the specification keys are all there', () => {
  const paths = listConfigSettings().map(({ path }) => path);
  const kubernetes = ['kubeconfig', 'context', 'namespace', 'pvc_name', 'service_account'].map(
    (key) => `kubernetes.${key}`,
  );
  const resources = ['requests.cpu', 'requests.memory', 'limits.cpu', 'limits.memory'].map(
    (key) => `kubernetes.resources.${key}`,
  );
  expect(paths).toEqual(expect.arrayContaining(['runner.backend', ...kubernetes, ...resources]));
  expect(listConfigSections()).toEqual(
    expect.arrayContaining(['runner', 'kubernetes', 'kubernetes.resources.limits', 'session']),
  );
});

function nest(keys: readonly string[], value: unknown): unknown {
  return keys.reduceRight((inner, key) => ({ [key]: inner }), value);
}
