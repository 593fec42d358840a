import { expect, test } from 'vitest';
import { findShells } from './find-shells.ts';
import { processesOf, withEnvironment } from './with-environment.ts';

const shells = findShells().filter(({ missing }) => !missing);
const durationMs = 8_000;
const longestStopMs = 300;

interface Expectation {
  readonly script: string;
  readonly stdin?: string;
  readonly stdout: string;
  readonly stderr: string;
  readonly exitCode: number;
}

const commands: readonly Expectation[] = [
  { script: 'echo one', stdout: 'one\n', stderr: '', exitCode: 0 },
  { script: 'true', stdout: '', stderr: '', exitCode: 0 },
  { script: 'echo e >&2; exit 3', stdout: '', stderr: 'e\n', exitCode: 3 },
  { script: 'head -c 3000 /dev/zero | tr "\\0" x', stdout: 'x'.repeat(3_000), stderr: '', exitCode: 0 },
  { script: 'cat', stdin: 'hello', stdout: 'hello', stderr: '', exitCode: 0 },
  { script: 'head -c 300000 /dev/zero | tr "\\0" y', stdout: 'y'.repeat(300_000), stderr: '', exitCode: 0 },
  { script: 'printf "a\\nb"; echo z >&2', stdout: 'a\nb', stderr: 'z\n', exitCode: 0 },
];

/** A busy machine at its worst: any process of an environment stands still at any moment, for up to a third of a second. */
function stopSometimes(id: string, stateDirectory: string): () => void {
  const resume = (pid: number): void => {
    try {
      process.kill(pid, 'SIGCONT');
    } catch {
      // It has ended.
    }
  };
  const timer = setInterval(() => {
    for (const pid of processesOf(id, stateDirectory).filter(() => Math.random() < 0.12)) {
      try {
        process.kill(pid, 'SIGSTOP');
        setTimeout(resume, Math.random() * longestStopMs, pid);
      } catch {
        // It has ended.
      }
    }
  }, 60);
  return () => {
    clearInterval(timer);
    for (const pid of processesOf(id, stateDirectory)) resume(pid);
  };
}

test.each(shells)(
  'under $name, whatever process stands still for a moment, every command has its own output and code',
  async ({ argv }) => {
    await withEnvironment(
      async ({ engine, id, stateDirectory }) => {
        await engine.exec(id, ['true']);
        const endStops = stopSometimes(id, stateDirectory);
        const endsAt = performance.now() + durationMs;
        const call = async (offset: number): Promise<void> => {
          for (let number = offset; performance.now() < endsAt; number += 3) {
            const { script, stdin, ...expected } = commands[number % commands.length] as Expectation;
            const options = stdin === undefined ? {} : { stdin };
            expect(await engine.exec(id, ['sh', '-c', script], options), script).toMatchObject(expected);
          }
        };
        try {
          await Promise.all([call(0), call(1)]);
        } finally {
          endStops();
        }
      },
      { shell: argv },
    );
  },
  120_000,
);
