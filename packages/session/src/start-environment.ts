import {
  type ContainerEngine,
  type Environment,
  type EnvironmentSpec,
  RecacError,
  type StartOptions,
} from '@recac/engine-core';
import type { SessionListener } from './session-event.ts';
import { generateSessionName } from './session-name.ts';

const attempts = 8;

/** How a session's environment gets its name. */
export interface NamedStart {
  /** Name that the caller chose. Default: generated, another when it is taken. */
  readonly name: string | undefined;
  /** The spec for a name. */
  readonly toSpec: (name: string) => EnvironmentSpec;
  /** Told about retries. */
  readonly emit: SessionListener;
}

/** Starts an environment; a generated name that is taken is replaced by another. Errors: those of `startEnvironment`. */
export async function startNamedEnvironment(
  engine: ContainerEngine,
  start: NamedStart,
  options: StartOptions,
): Promise<Environment> {
  for (let attempt = 1; ; attempt += 1) {
    const name = start.name ?? generateSessionName();
    try {
      return await engine.startEnvironment(start.toSpec(name), options);
    } catch (error) {
      const isTaken = RecacError.isInstance(error) && error.code === 'RECAC_ENVIRONMENT_CONFLICT';
      if (!isTaken || start.name !== undefined || attempt === attempts) throw error;
      start.emit({ type: 'notice', message: `the name ${name} is taken, trying another` });
    }
  }
}
