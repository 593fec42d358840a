import { orAborted } from './or-aborted.ts';

/** What an iterable gives until the signal fires: then it ends, also when the next piece never comes; the iterable is told, and not waited for. Errors: those of the iterable. */
export async function* untilAborted<T>(
  source: AsyncIterable<T>,
  signal: AbortSignal,
): AsyncGenerator<T, void, undefined> {
  const iterator = source[Symbol.asyncIterator]();
  try {
    while (true) {
      const next = await orAborted(iterator.next(), signal, 'the watch');
      if (next.done) return;
      yield next.value;
    }
  } catch (error) {
    if (!signal.aborted) throw error;
  } finally {
    const ending = Promise.resolve(iterator.return?.());
    if (signal.aborted) ending.catch(() => {});
    else await ending;
  }
}
