import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';

const main = fileURLToPath(new URL('../../../apps/cli/src/main.ts', import.meta.url));

/** What a finished CLI left. */
export interface CliEnd {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A running CLI. */
export interface RunningCli {
  readonly child: ChildProcessWithoutNullStreams;
  readonly ended: Promise<CliEnd>;
  /** Resolves once stdout holds the text. */
  until(text: string): Promise<void>;
}

/** Where a CLI runs. */
export interface CliPlace {
  readonly project: string;
  readonly home: string;
  readonly stateDirectory: string;
  /** The Docker daemon to run on, as in `DOCKER_HOST`. Default: none, the local engine. */
  readonly dockerHost?: string;
  /** Path of the kubeconfig of the cluster to run on. Default: none. */
  readonly kubeconfig?: string;
}

/** Starts the CLI from its sources on the place's engine. */
export function startCli(place: CliPlace, args: readonly string[]): RunningCli {
  const child = spawn(process.execPath, ['--conditions=@recac/source', '--', main, ...args], {
    cwd: place.project,
    env: {
      PATH: process.env.PATH,
      HOME: place.home,
      ...toBackend(place),
      RECAC_LOCAL_STATE_DIRECTORY: place.stateDirectory,
    },
  });
  child.stdin.end();
  const output = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].setEncoding('utf8').on('data', (piece: string) => {
      output[name] += piece;
    });
  }
  const ended = new Promise<CliEnd>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code, signal) => resolve({ code, signal, ...output }));
  });
  const until = async (text: string): Promise<void> => {
    while (!output.stdout.includes(text)) {
      if (child.exitCode !== null || child.signalCode !== null)
        throw new Error(`ended without ${text}: ${output.stderr}`);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  };
  return { child, ended, until };
}

function toBackend({ dockerHost, kubeconfig }: CliPlace): Readonly<Record<string, string>> {
  if (dockerHost !== undefined) return { RECAC_RUNNER_BACKEND: 'docker', DOCKER_HOST: dockerHost };
  if (kubeconfig === undefined) return { RECAC_RUNNER_BACKEND: 'local' };
  return { RECAC_RUNNER_BACKEND: 'kubernetes', RECAC_KUBERNETES_KUBECONFIG: kubeconfig };
}

/** Runs the CLI to its end. */
export function runCli(place: CliPlace, args: readonly string[]): Promise<CliEnd> {
  return startCli(place, args).ended;
}

/** Process ids whose command line or environment holds the text, this process left out. Needs /proc. */
export async function findProcesses(text: string): Promise<readonly number[]> {
  const ids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name)).map(Number);
  const found = await Promise.all(
    ids.map(async (id) => {
      const files = await Promise.all(
        ['cmdline', 'environ'].map((file) => readFile(`/proc/${id}/${file}`, 'utf8').catch(() => '')),
      );
      return files.join('').includes(text);
    }),
  );
  return ids.filter((id, index) => found[index] === true && id !== process.pid);
}
