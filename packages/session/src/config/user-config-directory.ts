import { homedir } from 'node:os';
import { isAbsolute, join } from 'node:path';

/** Who is asking: what decides where a user's files are. */
export interface UserSurroundings {
  /** Environment variables, as `process.env`. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** The user's home directory. */
  readonly homeDirectory: string;
}

/** The user's directory for configuration: `$XDG_CONFIG_HOME/recac`, or `~/.config/recac`. A relative `XDG_CONFIG_HOME` does not count, as its standard says. */
export function userConfigDirectory({ environment, homeDirectory }: UserSurroundings): string {
  const base = environment.XDG_CONFIG_HOME;
  return join(base !== undefined && isAbsolute(base) ? base : join(homeDirectory, '.config'), 'recac');
}

/** The user of this process. */
export function currentUser(): UserSurroundings {
  return { environment: process.env, homeDirectory: homedir() };
}
