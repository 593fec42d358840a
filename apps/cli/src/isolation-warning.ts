import type { ContainerEngine } from '@recac/engine-core';
import type { Reporter } from './reporter.ts';

/** Says so when nothing separates commands from this machine. */
export function warnWithoutIsolation(reporter: Reporter, engine: ContainerEngine): void {
  if (engine.capabilities.isolation !== 'none') return;
  reporter.note(`warning: the ${engine.backend} engine isolates nothing; commands run as you, on this machine`);
}
