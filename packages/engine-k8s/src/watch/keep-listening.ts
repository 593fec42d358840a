import { toApiStatus } from '../api/api-error.ts';
import type { WatchedObject } from './object-table.ts';
import type { ObjectWatch, WatchListener } from './object-watch.ts';

/** Pause before a watch that could not go on is listened to again, in milliseconds. */
const againMs = 2_000;
/** The longest one, where the server refuses it again and again: rights and logins seldom come back, and audit logs keep every try. */
const longestPauseMs = 60_000;

/** Who wants to know for as long as it takes. */
export interface LastingListener<Item extends WatchedObject> extends Pick<WatchListener<Item>, 'onChange'> {
  /** Called each time the watch cannot go on; `false` ends it. Default: it is listened to again. */
  readonly onFailure?: (error: unknown) => boolean;
  /** Called each time its table holds what exists. Default: nothing happens. */
  readonly onSynced?: (watch: ObjectWatch<Item>) => void;
}

/**
 * Listens to the watch that `find` gives, and again, after a pause, to the one that it gives then when that cannot go on: ever more seldom, at last once a minute,
 * where it is refused. Gives what ends it.
 */
export function keepListening<Item extends WatchedObject>(
  find: () => ObjectWatch<Item>,
  { onChange, onFailure = () => true, onSynced = () => {} }: LastingListener<Item>,
): () => void {
  let timer: NodeJS.Timeout | undefined;
  let unlisten = (): void => {};
  let isOver = false;
  let pauseMs = againMs;
  const listen = (): void => {
    const begunAt = performance.now();
    const watch = find();
    unlisten = watch.listen({
      onChange,
      onFailure: (error) => {
        if (isOver || !onFailure(error)) return;
        if (!isRefusal(error) || performance.now() - begunAt > longestPauseMs) pauseMs = againMs;
        timer = setTimeout(listen, pauseMs).unref();
        pauseMs = Math.min(pauseMs * 2, longestPauseMs);
      },
    });
    watch.synced.then(
      () => isOver || onSynced(watch),
      () => {},
    );
  };
  listen();
  return () => {
    isOver = true;
    clearTimeout(timer);
    unlisten();
  };
}

function isRefusal(error: unknown): boolean {
  const status = toApiStatus(error);
  return status === 401 || status === 403;
}
