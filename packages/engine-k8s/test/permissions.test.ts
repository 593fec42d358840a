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

test('docs/kubernetes.md gives the Role that a start prints where every right is missing', async () => {
  const documented = (await readDocumented()).find(({ kind }) => kind === 'Role');
  const printed = parse(toRole('recac-agents', listAccessChecks())) as DocumentedObject;
  expect(documented?.metadata).toEqual(printed.metadata);
  expect(listRights(documented)).toEqual(listRights(printed));
});

test('docs/kubernetes.md names the rights outside of the namespace, each where it is asked for', async () => {
  const documented = (await readDocumented())
    .filter(({ kind, metadata }) => /^(Cluster)?Role$/.test(kind) && metadata.namespace !== 'recac-agents')
    .map(({ metadata, rules }) => ({ namespace: metadata.namespace, rules }));
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

interface DocumentedObject {
  readonly kind: string;
  readonly metadata: { readonly namespace?: string };
  readonly rules?: readonly { apiGroups: string[]; resources: string[]; verbs: string[] }[];
}

/** All objects of the YAML blocks of docs/kubernetes.md. */
async function readDocumented(): Promise<readonly DocumentedObject[]> {
  const text = await readFile(new URL('../../../docs/kubernetes.md', import.meta.url), 'utf8');
  const blocks = [...text.matchAll(/^```yaml\n(.*?)^```$/gms)].map(([, block = '']) => block);
  return blocks.flatMap((block) => parseAllDocuments(block).map((document) => document.toJS() as DocumentedObject));
}

function listRights(role: DocumentedObject | undefined): readonly string[] {
  const rights = (role?.rules ?? []).flatMap(({ apiGroups, resources, verbs }) =>
    apiGroups.flatMap((group) => resources.flatMap((resource) => verbs.map((verb) => `${group}/${resource} ${verb}`))),
  );
  return rights.toSorted();
}
