import type { ApiClient, ApiRequest } from './api-client.ts';

/** Which objects to list. */
export interface ListOptions<Item> extends Pick<ApiRequest, 'path' | 'signal'> {
  /** Selectors. */
  readonly query: Readonly<Record<string, string>>;
  /** Keeps the fields that are used of an object. */
  readonly project: (object: Item) => Item;
}

interface ListPage<Item> {
  readonly metadata?: { readonly continue?: string };
  /** `null` where there are none. */
  readonly items?: readonly Item[] | null;
}

const pageSize = 500;

/** All objects that a selector finds, read in pages, so that no answer is larger than one call may take. Errors: those of the call; 410 where the server forgets the list between two pages. */
export async function listObjects<Item>(
  client: ApiClient,
  { path, query, project, signal }: ListOptions<Item>,
): Promise<readonly Item[]> {
  const objects: Item[] = [];
  let rest: string | undefined;
  do {
    const continued = rest ? { continue: rest } : {};
    const page = await client.request<ListPage<Item>>({
      method: 'GET',
      path,
      query: { ...query, limit: String(pageSize), ...continued },
      signal,
    });
    for (const object of page.items ?? []) objects.push(project(object));
    rest = page.metadata?.continue;
  } while (rest);
  return objects;
}
