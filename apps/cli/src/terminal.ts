import {
  type ContainerEngine,
  type ExecHandle,
  invalidArgument,
  type TerminalSize,
  unsupportedCapability,
} from '@recac/engine-core';
import type { Io } from './io.ts';
import type { ExecutionOptions } from './options/execution-options.ts';

const resizePauseMs = 50;

/** The terminal to ask for with `--tty`. Errors: `RECAC_INVALID_ARGUMENT` when `-i` would feed it from something that is no terminal. */
export function toTerminalSize(io: Io, options: ExecutionOptions): TerminalSize | undefined {
  if (options.tty !== true) return undefined;
  if (options.interactive === true && !io.isTerminal('stdin')) {
    throw invalidArgument(
      '--tty',
      'needs a terminal on stdin together with --interactive',
      'Leave one of the two out.',
    );
  }
  return io.windowSize();
}

/** Errors with `RECAC_CAPABILITY_UNSUPPORTED` when a terminal is asked for and the engine has none. */
export function checkTerminal(engine: ContainerEngine, terminal: TerminalSize | undefined): void {
  if (terminal === undefined || engine.capabilities.terminal) return;
  throw unsupportedCapability(engine.backend, 'terminal', 'Leave --tty out.');
}

/** Passes keys and size changes of our terminal on to the command's, until disposed; then our terminal is as it was. */
export function connectTerminal(io: Io, handle: ExecHandle, options: ExecutionOptions): Disposable {
  let timer: NodeJS.Timeout | undefined;
  const isRaw = options.interactive === true;
  if (isRaw) io.setRawMode(true);
  const stopListening = io.onResize(() => {
    timer ??= setTimeout(() => {
      timer = undefined;
      handle.resize(io.windowSize()).catch(() => {});
    }, resizePauseMs);
  });
  return {
    [Symbol.dispose]() {
      clearTimeout(timer);
      stopListening();
      if (isRaw) io.setRawMode(false);
    },
  };
}
