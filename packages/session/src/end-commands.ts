import type { CallOptions, ContainerEngine, Environment } from '@recac/engine-core';

/**
 * Ends what still runs in a session, by SIGTERM first, before its work is brought back: an agent can save what it has, and nothing is written that nobody brings back.
 * Errors: those of `listExecs` and of handles.
 */
export async function endCommands(
  engine: ContainerEngine,
  { id }: Environment,
  { signal }: CallOptions,
): Promise<void> {
  if (!engine.capabilities.durableExec) return;
  const call = signal === undefined ? {} : { signal };
  const running = (await engine.listExecs(id, call)).filter(({ state }) => state === 'running');
  await Promise.all(
    running.map(async ({ execId }) => {
      await using handle = await engine.attachExec(id, execId, call);
      await handle.cancel();
    }),
  );
}
