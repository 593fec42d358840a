import type { ExecHandle, ExecOptions } from '@recac/engine-core';

/** Sends the whole stdin of a command, then its end. Stops early, without an error, when the command has ended. */
export async function feedStdin(handle: ExecHandle, stdin: NonNullable<ExecOptions['stdin']>): Promise<void> {
  if (typeof stdin === 'string' || stdin instanceof Uint8Array) {
    await handle.write(stdin);
    return handle.end();
  }
  const chunks = stdin[Symbol.asyncIterator]();
  const over = handle.wait().then(() => 'ended' as const);
  let previous: Promise<void> = Promise.resolve();
  for (;;) {
    const next = await Promise.race([chunks.next(), over]);
    if (next === 'ended') {
      void Promise.resolve(chunks.return?.()).catch(() => {});
      return;
    }
    if (next.done) {
      await previous;
      return handle.end();
    }
    // One piece is on its way while the next is made; a copy, since a source may use its buffer again.
    const writing = handle.write(Uint8Array.from(next.value));
    writing.catch(() => {});
    await previous;
    previous = writing;
  }
}
