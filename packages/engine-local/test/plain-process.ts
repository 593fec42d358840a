import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const bounded = ['setpriv', '--bounding-set=-dac_override,-dac_read_search'];

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
