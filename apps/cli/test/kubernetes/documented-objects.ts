import { readFile } from 'node:fs/promises';
import { callApi, type readConnection } from '@recac/e2e-cluster';
import { parseAllDocuments } from 'yaml';

type Connection = Awaited<ReturnType<typeof readConnection>>;

/** An object as docs/kubernetes.md gives it. */
export interface DocumentedObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string };
}

/** The namespace of the documents. */
const documentedNamespace = 'recac-agents';

/** The objects of the one YAML block of docs/kubernetes.md that has an object of this kind, in another namespace. */
export async function readDocumented(kind: string, namespace: string): Promise<readonly DocumentedObject[]> {
  const text = await readFile(new URL('../../../../docs/kubernetes.md', import.meta.url), 'utf8');
  const blocks = [...text.matchAll(/^```yaml\n(.*?)^```$/gms)]
    .map(([, block = '']) => parseAllDocuments(block.replaceAll(documentedNamespace, namespace)))
    .map((documents) => documents.map((document) => document.toJS() as DocumentedObject));
  const [block, ...more] = blocks.filter((objects) => objects.some((object) => object.kind === kind));
  if (block === undefined || more.length > 0) throw new Error(`docs/kubernetes.md has not one block with a ${kind}`);
  return block;
}

/** Makes the namespace of docs/kubernetes.md with all that is in it, under another name. Disposing of it removes it. */
export async function makeDocumentedNamespace(connection: Connection, namespace: string): Promise<AsyncDisposable> {
  const remove = () => callApi(connection, { method: 'DELETE', path: `/api/v1/namespaces/${namespace}` });
  for (const object of await readDocumented('Namespace', namespace))
    await callApi(connection, { method: 'POST', path: toPath(object), body: object });
  return { [Symbol.asyncDispose]: async () => void (await remove()) };
}

/** Where objects of this kind are made. */
export function toPath({ apiVersion, kind, metadata }: DocumentedObject): string {
  const api = apiVersion.includes('/') ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
  const where = metadata.namespace === undefined ? '' : `/namespaces/${metadata.namespace}`;
  return `${api}${where}/${kind.toLowerCase()}s`;
}
