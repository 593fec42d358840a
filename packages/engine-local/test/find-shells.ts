import { spawnSync } from 'node:child_process';
import process from 'node:process';

/** A POSIX shell to run lanes with. */
export interface FoundShell {
  /** Its name. */
  readonly name: string;
  /** How to start it. */
  readonly argv: readonly string[];
  /** It is not installed. Where every component is required, that throws instead. */
  readonly missing: boolean;
}

const shells: readonly (readonly string[])[] = [['dash'], ['bash', '--norc'], ['busybox', 'sh']];

/** The shells that lanes must run under. */
export function findShells(): readonly FoundShell[] {
  return shells.map((argv) => {
    const name = argv[0] as string;
    const missing = spawnSync(argv[0] as string, [...argv.slice(1), '-c', 'true']).status !== 0;
    if (missing && (process.env.CI === 'true' || process.env.RECAC_REQUIRE_ALL === '1'))
      throw new Error(`${name} is required here`);
    return { name, argv, missing };
  });
}

/** One of them, by its name. */
export function findShell(name: string): FoundShell {
  const found = findShells().find((shell) => shell.name === name);
  if (!found) throw new Error(`${name} is none of the shells that lanes run under`);
  return found;
}
