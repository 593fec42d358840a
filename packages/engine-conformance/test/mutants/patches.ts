import type {
  AttachOptions,
  Command,
  ContainerEngine,
  ExecHandle,
  ExecOptions,
  ExecResult,
  SpawnOptions,
} from '@recac/engine-core';
import { type EnginePatch, override } from './mutant.ts';

/** Changes the result of `exec`. */
export function changeResult(
  change: (
    result: ExecResult,
    options: ExecOptions,
    command: Command,
  ) => Partial<ExecResult> | Promise<Partial<ExecResult>>,
) {
  return (engine: ContainerEngine): EnginePatch => ({
    exec: async (id, command, options = {}) => {
      const result = await engine.exec(id, command, options);
      return { ...result, ...(await change(result, options, command)) };
    },
  });
}

/** Changes the options of `exec`. */
export function changeExecOptions(change: (options: ExecOptions) => ExecOptions) {
  return (engine: ContainerEngine): EnginePatch => ({
    exec: (id, command, options = {}) => engine.exec(id, command, change(options)),
  });
}

/** Changes the command of `exec`. */
export function changeCommand(change: (argument: string | Uint8Array) => readonly (string | Uint8Array)[]) {
  return (engine: ContainerEngine): EnginePatch => ({
    exec: (id, command, options) => engine.exec(id, command.flatMap(change), options),
  });
}

/** Changes the handle of `spawn`. */
export function changeSpawned(change: (handle: ExecHandle, options: SpawnOptions) => Partial<ExecHandle>) {
  return (engine: ContainerEngine): EnginePatch => ({
    spawn: async (id, command, options = {}) => {
      const handle = await engine.spawn(id, command, options);
      return override(handle, change(handle, options));
    },
  });
}

/** Changes the handle of `attachExec`. */
export function changeAttached(change: (handle: ExecHandle, options: AttachOptions) => Partial<ExecHandle>) {
  return (engine: ContainerEngine): EnginePatch => ({
    attachExec: async (id, execId, options = {}) => {
      const handle = await engine.attachExec(id, execId, options);
      return override(handle, change(handle, options));
    },
  });
}
