import type { Command, SpawnOptions } from '@recac/engine-core';
import type { EngineDriver } from '../engine-driver.ts';
import type { LiveEnvironment } from '../live-environment.ts';
import { RawExec } from './raw-exec.ts';
import { defaultKillGraceMs } from './start-durable.ts';

/** Starts a command as a raw process, without a record. `closing`: fires when the engine is closed, which cuts its line. */
export async function startRaw(
  driver: EngineDriver,
  live: LiveEnvironment,
  command: Command,
  options: SpawnOptions,
  closing: AbortSignal,
): Promise<RawExec> {
  const process = await driver.openProcess(
    live.id,
    {
      argv: command,
      ...(options.user === undefined ? {} : { user: options.user }),
      ...(options.environmentVariables ? { environmentVariables: options.environmentVariables } : {}),
      ...(options.workingDirectory === undefined ? {} : { workingDirectory: options.workingDirectory }),
      ...(options.terminal ? { terminal: options.terminal } : {}),
    },
    { signal: options.signal ? AbortSignal.any([options.signal, closing]) : closing },
  );
  const cut = (): void => process.close();
  if (closing.aborted) cut();
  closing.addEventListener('abort', cut, { once: true });
  void process.exited.then(() => closing.removeEventListener('abort', cut));
  return new RawExec({
    backend: driver.backend,
    environmentId: live.id,
    process,
    stdin: options.stdin ?? 'empty',
    terminal: options.terminal !== undefined,
    isDurable: driver.capabilities.durableExec,
    killGraceMs: options.killGraceMs ?? defaultKillGraceMs,
    ...(options.timeoutMs === undefined ? {} : { timeoutMs: options.timeoutMs }),
    ...(options.idleTimeoutMs === undefined ? {} : { idleTimeoutMs: options.idleTimeoutMs }),
    ...(options.signal ? { signal: options.signal } : {}),
  });
}
