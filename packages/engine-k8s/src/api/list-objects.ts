import type { ApiClient, ApiRequest } from './api-client.ts';

/** Which objects to list. */
export interface ListOptions<Item> extends Pick<ApiRequest, 'path' | 'signal'> {
  /** Selectors. */
  readonly query: Readonly<Record<string, string>>;
  /** Keeps the fields that are used of an object. */
  readonly project: (object: Item) => Item;
}

/** Objects as they were at one moment. */
export interface ListedObjects<Item> {
  /** What is kept of each. */
  readonly objects: readonly Item[];
  /** The version of the list, to watch from. */
  readonly version: string | undefined;
}

interface ListPage<Item> {
  readonly metadata?: { readonly resourceVersion?: string; readonly continue?: string };
  /** `null` where there are none. */
  readonly items?: readonly Item[] | null;
}

const pageSize = 500;

/** All objects that a selector finds, read in pages, so that no answer is larger than one call may take. Errors: those of the call; 410 where the server forgets the list between two pages. */
export async function listObjects<Item>(client: ApiClient, options: ListOptions<Item>): Promise<readonly Item[]> {
  return (await readList(client, options)).objects;
}

/** As `listObjects`, with the version of the list. */
export async function readList<Item>(
  client: ApiClient,
  { path, query, project, signal }: ListOptions<Item>,
): Promise<ListedObjects<Item>> {
  const objects: Item[] = [];
  let page: ListPage<Item> = {};
  do {
    const rest = page.metadata?.continue;
    const continued = rest ? { continue: rest } : {};
    page = await client.request<ListPage<Item>>({
      method: 'GET',
      path,
      query: { ...query, limit: String(pageSize), ...continued },
      signal,
    });
    for (const object of page.items ?? []) objects.push(project(object));
  } while (page.metadata?.continue);
  return { objects, version: page.metadata?.resourceVersion };
}

/** The version of a list, to watch what comes from now on. Errors: those of the call. */
export async function readListVersion(
  client: ApiClient,
  { path, query, signal }: Omit<ListOptions<unknown>, 'project'>,
): Promise<string | undefined> {
  const page = await client.request<ListPage<unknown>>({
    method: 'GET',
    path,
    query: { ...query, limit: '1' },
    signal,
  });
  return page.metadata?.resourceVersion;
}
