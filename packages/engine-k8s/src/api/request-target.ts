import type { ApiRequest } from './api-client.ts';

/** What a call asks for, in the words of Kubernetes' rules for access. */
export interface RequestTarget {
  /** Verb of a Role's rule, such as `create` or `watch`. */
  readonly verb: string;
  /** API group; empty for the core group. */
  readonly group: string;
  /** Resource with its subresource, such as `pods/exec`; the whole path where it names no resource. */
  readonly resource: string;
  /** Namespace, where the path has one. */
  readonly namespace?: string;
  /** Name of the object, where the path has one. */
  readonly name?: string;
}

type Asked = Pick<ApiRequest, 'path' | 'query'> & { readonly method?: ApiRequest['method'] };

/** Takes a call's path, method and query apart, as the API server does. */
export function toRequestTarget({ method = 'GET', path, query }: Asked): RequestTarget {
  const parts = path.split('/').filter(Boolean).map(decode);
  const root = parts[0] === 'api' ? 2 : parts[0] === 'apis' ? 3 : undefined;
  if (root === undefined || parts.length <= root) return { verb: method.toLowerCase(), group: '', resource: path };
  const group = root === 3 ? (parts[1] ?? '') : '';
  const rest = parts.slice(root);
  const namespace = rest[0] === 'namespaces' && rest.length > 2 ? rest[1] : undefined;
  const [resource = '', name, subresource] = namespace === undefined ? rest : rest.slice(2);
  return {
    verb: toVerb(method, name !== undefined, isSet(query?.watch)),
    group,
    resource: subresource === undefined ? resource : `${resource}/${subresource}`,
    ...(namespace === undefined ? {} : { namespace }),
    ...(name === undefined ? {} : { name }),
  };
}

/** A call in words, such as `create jobs in namespace "default"`. */
export function describeRequest(request: Asked): string {
  const { verb, group, resource, namespace, name } = toRequestTarget(request);
  const object = name === undefined ? '' : ` "${name}"`;
  const where = namespace === undefined ? '' : ` in namespace "${namespace}"`;
  return `${verb} ${group === '' ? resource : `${resource}.${group}`}${object}${where}`;
}

function toVerb(method: ApiRequest['method'], hasName: boolean, watches: boolean): string {
  if (method === 'POST') return 'create';
  if (method === 'PUT') return 'update';
  if (method === 'PATCH') return 'patch';
  if (method === 'DELETE') return hasName ? 'delete' : 'deletecollection';
  if (watches) return 'watch';
  return hasName ? 'get' : 'list';
}

function isSet(value: string | readonly string[] | undefined): boolean {
  return value !== undefined && value !== 'false' && value !== '0';
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
