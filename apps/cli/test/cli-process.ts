import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const main = fileURLToPath(new URL('../src/main.ts', import.meta.url));

/** What a finished process left. */
export interface CliResult {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
  readonly stdoutData: Buffer;
}

export interface CliOptions {
  readonly stdin?: string | Buffer | undefined;
  readonly environment?: Readonly<Record<string, string>>;
  readonly workingDirectory?: string;
}

/** A running CLI. */
export interface CliProcess {
  readonly child: ChildProcessWithoutNullStreams;
  readonly finished: Promise<CliResult>;
  /** Waits until stdout and stderr together hold the text. */
  waitFor(text: string): Promise<void>;
  /** stdout and stderr up to now. */
  output(): string;
}

/** A backend that is not ours alone. */
export interface SharedBackend {
  readonly environment: Readonly<Record<string, string>>;
  readonly sessions: readonly string[];
}

/** A private home, state directory and project for real CLI processes on the local engine. */
export interface CliWorld extends AsyncDisposable {
  readonly directory: string;
  readonly project: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly argv: readonly string[];
  start(args: readonly string[], options?: CliOptions): CliProcess;
  run(args: readonly string[], options?: CliOptions): Promise<CliResult>;
  list(): Promise<readonly { readonly sessionId: string; readonly leaseMs?: number }[]>;
}

/** `shared` adds variables for a backend that others use at the same time: there only the named sessions are stopped in the end. */
export async function createCliWorld(shared?: SharedBackend): Promise<CliWorld> {
  const directory = await mkdtemp(join(tmpdir(), 'recac-cli-'));
  const project = join(directory, 'project');
  const home = join(directory, 'home');
  await Promise.all([mkdir(project), mkdir(home)]);
  const environment = {
    PATH: process.env.PATH ?? '/usr/bin:/bin',
    HOME: home,
    RECAC_RUNNER_BACKEND: 'local',
    RECAC_LOCAL_STATE_DIRECTORY: join(directory, 'state'),
    ...shared?.environment,
  };
  const argv = [process.execPath, '--conditions=@recac/source', '--', main];
  const start = (args: readonly string[], options: CliOptions = {}): CliProcess =>
    startCli([...argv, ...args], {
      workingDirectory: project,
      ...options,
      environment: { ...environment, ...options.environment },
    });
  const world = {
    directory,
    project,
    environment,
    argv,
    start,
    run: (args: readonly string[], options?: CliOptions) => start(args, options).finished,
    list: async () =>
      JSON.parse((await world.run(['list', '--json'])).stdout) as readonly { readonly sessionId: string }[],
    [Symbol.asyncDispose]: async () => {
      await world.run(['stop', '--quiet', ...(shared?.sessions ?? ['--all'])]);
      await rm(directory, { recursive: true, force: true });
    },
  };
  return world;
}

function startCli([program = '', ...args]: readonly string[], options: CliOptions): CliProcess {
  const child = spawn(program, args, { cwd: options.workingDirectory, env: options.environment });
  const stdout: Buffer[] = [];
  const stderr: Buffer[] = [];
  const listeners = new Set<() => void>();
  const collect = (pieces: Buffer[]) => (piece: Buffer) => {
    pieces.push(piece);
    for (const listener of listeners) listener();
  };
  child.stdout.on('data', collect(stdout));
  child.stderr.on('data', collect(stderr));
  child.stdin.on('error', () => {});
  child.stdin.end(options.stdin ?? '');
  const finished = new Promise<CliResult>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code, signal) => {
      const stdoutData = Buffer.concat(stdout);
      resolve({ code, signal, stdout: stdoutData.toString(), stderr: Buffer.concat(stderr).toString(), stdoutData });
    });
  });
  const all = (): string => Buffer.concat([...stdout, ...stderr]).toString();
  const waitFor = (text: string): Promise<void> =>
    new Promise((resolve, reject) => {
      const check = (): void => {
        if (all().includes(text)) resolve();
      };
      listeners.add(check);
      finished.then(() => reject(new Error(`ended without ${text}: ${all()}`)), reject);
      check();
    });
  return { child, finished, waitFor, output: all };
}
