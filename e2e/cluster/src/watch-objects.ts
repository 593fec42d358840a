import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { type ClusterConnection, callApi, openCall } from './cluster-connection.ts';

/** What is known of every object of a cluster. */
export interface WatchedObject {
  /** Its names. */
  readonly metadata: { readonly uid: string };
}

/** Follows all objects of a kind for ever, through every loss of the server. Calls back with all of them at each change. */
export async function watchObjects<T extends WatchedObject>(
  connection: ClusterConnection,
  path: string,
  onChange: (objects: readonly T[]) => void,
): Promise<never> {
  for (;;) {
    try {
      const { items, metadata } = await callApi<ObjectList<T>>(connection, { path });
      const objects = new Map(items.map((item) => [item.metadata.uid, item]));
      onChange([...objects.values()]);
      const query = `watch=true&allowWatchBookmarks=true&resourceVersion=${metadata.resourceVersion}`;
      for await (const line of createInterface(await openCall(connection, { path: `${path}?${query}` }))) {
        const { type, object } = JSON.parse(line);
        if (type === 'ERROR') break;
        if (type === 'BOOKMARK') continue;
        if (type === 'DELETED') objects.delete(object.metadata.uid);
        else objects.set(object.metadata.uid, object);
        onChange([...objects.values()]);
      }
    } catch (error) {
      console.error(`${path}: ${(error as Error).message}`);
    }
    await delay(200);
  }
}

interface ObjectList<T> {
  readonly items: readonly T[];
  readonly metadata: { readonly resourceVersion: string };
}
