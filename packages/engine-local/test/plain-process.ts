import { execFile, spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const bounded = ['setpriv', '--bounding-set=-dac_override,-dac_read_search'];

/** Why nothing can run as such a user here; undefined when it can. Where every component is required, that throws instead. */
export function missingForPlain(): string | undefined {
  const [program = '', ...parameters] = bounded;
  if (process.getuid?.() !== 0 || spawnSync(program, [...parameters, 'true']).status === 0) return undefined;
  if (process.env.CI === 'true' || process.env.RECAC_REQUIRE_ALL === '1')
    throw new Error('setpriv that drops capabilities (Debian package util-linux) is required here');
  return 'root without setpriv (Debian package util-linux) that may drop capabilities';
}

/** Runs a program of this directory as a user whom file modes hold back, which root is without two capabilities. Gives its stdout. */
export async function runPlain(file: string, ...parameters: readonly string[]): Promise<string> {
  const path = fileURLToPath(new URL(file, import.meta.url));
  const [program = '', ...argv] = [
    ...(process.getuid?.() === 0 ? bounded : []),
    process.execPath,
    '--conditions=@recac/source',
    path,
    ...parameters,
  ];
  return (await promisify(execFile)(program, argv)).stdout;
}
