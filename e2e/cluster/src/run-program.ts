import { spawn } from 'node:child_process';

/** How a program is run. */
export interface RunOptions {
  /** Working directory. Default: this process's. */
  readonly directory?: string;
  /** Variables added to this process's. */
  readonly environment?: Readonly<Record<string, string>>;
  /** Its stdin. Default: none. */
  readonly input?: NodeJS.ReadableStream | string;
}

/** Runs a program to its end and gives its stdout. Rejects with the end of what it said on stderr when it fails. */
export function runProgram(
  argv: readonly string[],
  { directory, environment, input }: RunOptions = {},
): Promise<string> {
  const [program = '', ...args] = argv;
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { cwd: directory, env: { ...process.env, ...environment } });
    let [stdout, stderr] = ['', ''];
    child.stdout.on('data', (chunk) => {
      stdout += chunk;
    });
    child.stderr.on('data', (chunk) => {
      stderr = (stderr + chunk).slice(-8_000);
    });
    child.stdin.on('error', () => {});
    if (typeof input === 'string' || input === undefined) child.stdin.end(input);
    else input.pipe(child.stdin);
    child.on('error', reject);
    child.on('close', (code) => {
      if (code === 0) resolve(stdout);
      else reject(new Error(`${argv.slice(0, 3).join(' ')} ended with ${code}: ${stderr.trim().slice(-2_000)}`));
    });
  });
}
