import type { ExecHandle, ExecOptions } from '@recac/engine-core';

type StdinSource = NonNullable<ExecOptions['stdin']>;

/**
 * Sends a source to the command's stdin and then ends it. Resolves early when the command no longer takes input. Errors: only those of the
 * source itself; stdin is not ended then, because the command must not take a part for the whole.
 */
export async function feedStdin(handle: ExecHandle, source: StdinSource): Promise<void> {
  const pieces = typeof source === 'string' || source instanceof Uint8Array ? [source] : source;
  for await (const piece of pieces) if (!(await isAccepted(handle.write(piece)))) return;
  await isAccepted(handle.end());
}

async function isAccepted(sending: Promise<void>): Promise<boolean> {
  return sending.then(
    () => true,
    () => false,
  );
}
