import { type Config, invalidArgument } from '@recac/engine-core';
import type { OpenSessionOptions } from '@recac/session';
import type { StartCommandOptions } from './commands/start.ts';
import type { Io } from './io.ts';
import type { OpenEngine } from './open-engine.ts';
import { toSessionOptions } from './session-options.ts';

/** Why a session that is left running makes no checkpoints. */
export const checkpointNotKept = 'cannot be kept by recac start, which ends while the session goes on';

/** What to do instead. */
export const checkpointOtherWays =
  'recac run --checkpoint, or recac pull NAME and recac push NAME --watch while it goes on';

/** Refuses, before anything is looked at, what `recac start` cannot keep. Errors: `RECAC_INVALID_ARGUMENT`. */
export function validateStartOptions({ checkpoint }: StartCommandOptions): void {
  if (checkpoint !== undefined && checkpoint !== 'none')
    throw invalidArgument('--checkpoint', checkpointNotKept, `Use ${checkpointOtherWays}.`);
}

/** What `recac start` opens a session with, and `recac render` shows. Errors: those of `toSessionOptions`. */
export function toStartOptions(
  options: StartCommandOptions,
  opened: OpenEngine,
  { io }: { readonly io: Io },
): Promise<OpenSessionOptions> {
  return toSessionOptions(options, { engine: opened.engine, config: withoutDefaultLease(opened), io });
}

/** The user has asked for an environment that stays: it goes by `stop`, or by a lease that somebody has set, never by the default one. */
function withoutDefaultLease({ config, isLeaseChosen }: OpenEngine): Config {
  if (isLeaseChosen) return config;
  const { leaseMs: _, ...session } = config.session;
  return { ...config, session };
}
