import type { SessionParts } from './create-session.ts';

/** Saves the work of a session from time to time. */
export interface Checkpoints {
  /** Ends it, and waits for one that is being made. */
  stop(): Promise<void>;
}

/** Where the files end with the environment. Git keeps what comes back beside, so that nothing of this machine changes meanwhile. */
const defaultMs = 300_000;

/** Brings the work back every `session.checkpoint`, so that what an environment loses is at most that old. A checkpoint that fails is a warning; the next is tried all the same. */
export function startCheckpoints({ config, strategy, isKept, environment, emit }: SessionParts): Checkpoints {
  const { checkpointMs = isKept || strategy.name !== 'git' ? 0 : defaultMs } = config.session;
  if (checkpointMs === 0) return { stop: async () => {} };
  const stopped = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  let running: Promise<void> = Promise.resolve();
  const save = async (): Promise<void> => {
    try {
      const report = await strategy.pull(environment, { signal: stopped.signal });
      emit({ type: 'checkpoint', report });
    } catch (error) {
      const problem = error instanceof Error ? error.message : String(error);
      if (!stopped.signal.aborted) emit({ type: 'warning', message: `the checkpoint failed: ${problem}` });
    }
    if (!stopped.signal.aborted) schedule();
  };
  const schedule = (): void => {
    timer = setTimeout(() => {
      running = save();
    }, checkpointMs);
    timer.unref();
  };
  schedule();
  return {
    stop: async () => {
      clearTimeout(timer);
      stopped.abort();
      await running;
    },
  };
}
