import type { LanePlace } from '../engine-driver.ts';

/** The argv that runs a script in an environment's shell, with the name that the shell is to go by, and parameters. */
export function toShellProcess(
  { shell = ['sh'] }: LanePlace,
  script: string,
  name: string,
  ...parameters: readonly string[]
): readonly string[] {
  return [...shell, '-c', script, name, ...parameters];
}
