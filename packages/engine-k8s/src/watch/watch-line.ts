/** One line of a watch. */
export type WatchLine =
  | { readonly type: 'ADDED' | 'MODIFIED' | 'DELETED'; readonly object: Record<string, unknown> }
  | { readonly type: 'BOOKMARK'; readonly version: string | undefined }
  | { readonly type: 'ERROR'; readonly status: number | undefined };

interface AnyLine {
  readonly type?: string;
  readonly object?: Record<string, unknown> & {
    readonly metadata?: { readonly resourceVersion?: string };
    readonly code?: number;
  };
}

/** Reads a line of a watch; undefined for what is none, so that the watch has to be opened again. */
export function parseWatchLine(line: string): WatchLine | undefined {
  let parsed: AnyLine;
  try {
    parsed = JSON.parse(line) as AnyLine;
  } catch {
    return undefined;
  }
  const { type, object } = parsed;
  if (typeof object !== 'object' || object === null) return undefined;
  if (type === 'ADDED' || type === 'MODIFIED' || type === 'DELETED') return { type, object };
  if (type === 'BOOKMARK') return { type, version: object.metadata?.resourceVersion };
  if (type === 'ERROR') return { type, status: object.code };
  return undefined;
}
