import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

/** What to hold. */
export interface HolderOptions {
  /** Program and arguments of the daemon. */
  readonly argv: readonly string[];
  /** File that gets its output. */
  readonly logFile: string;
  /** File in which the daemon writes its PID. */
  readonly pidFile: string;
  /** A file to lock for as long as anything of the daemon lives. */
  readonly lockFile?: string;
  /** Give it a network namespace of its own. */
  readonly ownNetwork: boolean;
}

/** Namespaces in which one daemon is started and ended. They and everything in them end with this process. */
export interface DaemonHolder {
  /** Starts the daemon. Nothing is waited for. */
  start(): void;
  /** Sends the daemon a signal, such as `TERM`. */
  signal(name: string): void;
  /** Resolves when the daemon that was started last has ended. */
  ended(): Promise<void>;
  /** True between the start and the end of the daemon. */
  isRunning(): boolean;
  /** Ends everything in the namespaces and resolves when it is gone. */
  close(): Promise<void>;
}

const locked = 75;

/** Makes the namespaces. Gives undefined when somebody else holds the lock. */
export async function holdDaemon(options: HolderOptions): Promise<DaemonHolder | undefined> {
  const { argv, logFile, pidFile, lockFile, ownNetwork } = options;
  const lock = lockFile === undefined ? [] : ['flock', '--nonblock', '--no-fork', '-E', `${locked}`, lockFile];
  const namespaces = ['unshare', '--pid', '--mount', '--propagation', 'slave', ...(ownNetwork ? ['--net'] : [])];
  const script = ['tini', '--', 'sh', join(import.meta.dirname, 'hold-daemon.sh'), logFile, pidFile];
  const [program, ...args] = [...lock, ...namespaces, '--fork', '--kill-child', '--mount-proc', ...script, ...argv];
  // In a session of its own: an interrupt at the terminal ends the tests first, and the daemon in order after them.
  const child = spawn(program as string, args, { detached: true, stdio: ['pipe', 'pipe', 'inherit'] });
  return listen(child);
}

async function listen(child: ChildProcess): Promise<DaemonHolder | undefined> {
  const gone = new Promise<number | null>((resolve, reject) => child.on('exit', resolve).on('error', reject));
  const { stdin, stdout } = child;
  if (stdin === null || stdout === null) throw new Error('the holder of the daemon has no pipes');
  stdin.on('error', () => {});
  let end = Promise.withResolvers<void>();
  let running = false;
  const lines = createInterface({ input: stdout });
  const ready = once(lines, 'line');
  lines.on('line', (line) => {
    if (!line.startsWith('ended')) return;
    running = false;
    end.resolve();
  });
  const code = await Promise.race([gone, ready]);
  if (code === locked) return undefined;
  if (!Array.isArray(code)) throw new Error(`the namespaces of the daemon could not be made: exit code ${code}`);
  void gone.then(() => end.resolve());
  return {
    start: () => {
      end = Promise.withResolvers();
      running = true;
      stdin.write('start\n');
    },
    signal: (name) => void stdin.write(`${name}\n`),
    ended: () => end.promise,
    isRunning: () => running,
    close: async () => {
      const timer = setTimeout(() => child.kill('SIGKILL'), 5_000);
      stdin.end();
      await gone;
      clearTimeout(timer);
    },
  };
}
