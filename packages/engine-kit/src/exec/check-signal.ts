import { invalidArgument, signalNumbers } from '@recac/engine-core';

/** Refuses what is not the name of a signal. Errors: `RECAC_INVALID_ARGUMENT`, field `signal`. */
export function checkSignal(signal: string): void {
  if (!Object.hasOwn(signalNumbers, signal))
    throw invalidArgument('signal', 'must be a signal name', 'Use a name such as SIGINT.');
}
