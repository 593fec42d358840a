import { readdir, readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { parse, parseAllDocuments } from 'yaml';
import { listAccessChecks, permissions, toRole, warnOfMissing, widerPermissions } from '../src/permissions.ts';

test('no right is a wildcard, and exec has both verbs', () => {
  for (const { verbs, resource, group } of permissions) expect([...verbs, resource, group]).not.toContain('*');
  expect(permissions.find(({ resource }) => resource === 'pods/exec')?.verbs).toEqual(['create', 'get']);
  expect(permissions.some(({ resource }) => /secrets|nodes|roles|serviceaccounts/.test(resource))).toBe(false);
});

test('what is missing is a Role, one rule for each resource', () => {
  const missing = listAccessChecks().filter(({ resource }) => resource === 'pods/exec' || resource === 'jobs');
  expect(toRole('agents', missing)).toBe(`apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata:
  name: recac
  namespace: "agents"
rules:
  - apiGroups: ["batch"]
    resources: ["jobs"]
    verbs: [create, get, list, watch, patch, delete]
  - apiGroups: [""]
    resources: ["pods/exec"]
    verbs: [create, get]
`);
});

test('only missing rights that no call would name are warned of', () => {
  const missing = listAccessChecks().filter(({ isOptional }) => isOptional);
  expect(warnOfMissing(missing, 'agents')).toEqual([
    expect.stringMatching(/right to get pods\/log in namespace agents/),
    expect.stringMatching(/right to list and watch events in namespace agents.*may not say why/),
  ]);
  expect(warnOfMissing([], 'agents')).toEqual([]);
});

test('docs/kubernetes.md gives the Role with exactly these rights', async () => {
  const text = await readFile(new URL('../../../docs/kubernetes.md', import.meta.url), 'utf8');
  const yaml = /```yaml\n(apiVersion: rbac[^`]*)```/.exec(text)?.[1] ?? '';
  const { rules } = parse(yaml) as { rules: { apiGroups: string[]; resources: string[]; verbs: string[] }[] };
  const documented = rules.flatMap(({ apiGroups, resources, verbs }) =>
    apiGroups.flatMap((group) => resources.flatMap((resource) => verbs.map((verb) => `${group}/${resource} ${verb}`))),
  );
  const used = permissions.flatMap(({ group, resource, verbs }) => verbs.map((verb) => `${group}/${resource} ${verb}`));
  expect(documented.toSorted()).toEqual(used.toSorted());
});

test('docs/kubernetes.md names the rights outside of the namespace, each where it is asked for', async () => {
  const text = await readFile(new URL('../../../docs/kubernetes.md', import.meta.url), 'utf8');
  const yaml = [...text.matchAll(/```yaml\n(apiVersion: rbac[^`]*)```/g)][1]?.[1] ?? '';
  const documented = parseAllDocuments(yaml).map((document) => {
    const { metadata, rules } = document.toJS() as { metadata: { namespace?: string }; rules: object[] };
    return { namespace: metadata.namespace, rules };
  });
  const tried = widerPermissions.map(({ group, resource, verbs, namespace }) => ({
    namespace,
    rules: [{ apiGroups: [group], resources: [resource], verbs }],
  }));
  expect(documented).toEqual(tried);
});

test('nothing is asked of the API server but what is listed', async () => {
  const listed = new Set([...permissions, ...widerPermissions].map(({ resource }) => resource.split('/')[0]));
  const sources = await readdir(new URL('../src', import.meta.url), { recursive: true });
  const texts = sources
    .filter((path) => path.endsWith('.ts'))
    .map((path) => readFile(new URL(`../src/${path}`, import.meta.url), 'utf8'));
  const paths = (await Promise.all(texts)).flatMap((text) => [...text.matchAll(/[`'](\/apis?\/[^`'?]*)[`']/g)]);
  const kinds = paths.map(([, path = '']) =>
    path
      .replace(/^\/apis?\/([a-z0-9.]+\/)?v1\//, '')
      .replace(/^namespaces\/[^/]+\//, '')
      .replace(/[/$].*$/, ''),
  );
  expect(new Set(kinds)).toEqual(new Set([...listed, 'selfsubjectaccessreviews']));
});
