import { once } from 'node:events';
import { abortedError, type PortConnection, RecacError } from '@recac/engine-core';
import { readLine } from '@recac/engine-kit';
import { pause } from '../daemon/pause.ts';
import type { StreamProcess } from '../stream/stream-process.ts';
import type { ExecProcessSpec } from './exec-process.ts';
import { relayScript } from './relay-script.ts';

/** Looking for the listener and the relay takes a shell some tenths of a second. */
const answerDeadlineMs = 30_000;

/** What a connection is made with. */
export interface PortContext {
  /** Opens the relay in the container. */
  readonly open: (spec: ExecProcessSpec, signal: AbortSignal) => Promise<StreamProcess>;
  /** Cancels it. */
  readonly signal: AbortSignal;
  /** Called with the end of a relay that nobody waits for. */
  readonly onLeft: (ending: Promise<void>) => void;
  /** Once it fires, connections are closed, and relays are not waited for as long. */
  readonly closing: AbortSignal;
}

/** What a relay is given, in milliseconds, to end by itself after its connection has; and after that when the engine is closed. */
const relayGraceMs = 1_000;
const shortGraceMs = 100;

/**
 * Connects to a port on the loopback address of a container, through a relay in it: the daemon may be far away, and the container without network. Errors: `RECAC_EXEC_FAILED` with `details.reason`: `closed` (nothing listens), `none` (no program to relay with), `lost` (no answer); those of `openExec`.
 */
export async function openContainerPort(port: number, context: PortContext): Promise<PortConnection> {
  const { signal } = context;
  const argv = ['sh', '-c', relayScript, 'recac', String(port)];
  const process = await context.open({ argv, workingDirectory: '/', marked: true }, signal);
  process.stderr.resume();
  const answer = await readAnswer(process, signal);
  if (answer === 'ok') return new RelayedConnection(process, context);
  process.close();
  const known = answer === 'closed' || answer === 'none' || answer === 'six' ? answer : 'lost';
  const reason = known === 'six' ? 'none' : known;
  throw new RecacError('RECAC_EXEC_FAILED', toProblem(known, port), { details: { port, reason } });
}

/** Undefined: none came. */
async function readAnswer(process: StreamProcess, signal: AbortSignal): Promise<string | undefined> {
  const deadline = AbortSignal.timeout(answerDeadlineMs);
  try {
    return await readLine(process.stdout, AbortSignal.any([signal, deadline]));
  } catch (error) {
    process.close();
    if (signal.aborted) throw abortedError('connecting to the port', signal.reason);
    if (!deadline.aborted) throw error;
    return undefined;
  }
}

function toProblem(answer: 'closed' | 'none' | 'six' | 'lost', port: number): string {
  if (answer === 'closed') return `nothing listens on port ${port} in the environment. Start the server first.`;
  if (answer === 'none')
    return 'the image has none of socat, python3, perl, nc and bash to connect with. Add one of them.';
  if (answer === 'six')
    return `the server on port ${port} listens at ::1 alone, which the programs of the image do not reach. Let it listen at 127.0.0.1, or add socat, python3 or bash.`;
  return `the connection to port ${port} of the environment broke, or got no answer, before it was made. Try again.`;
}

class RelayedConnection implements PortConnection {
  readonly output: AsyncIterable<Uint8Array>;
  readonly #process: StreamProcess;
  readonly #context: PortContext;
  #isDisposed = false;

  constructor(process: StreamProcess, context: PortContext) {
    this.#process = process;
    this.#context = context;
    this.output = process.stdout;
    const { closing } = context;
    const dispose = (): void => void this[Symbol.asyncDispose]();
    closing.addEventListener('abort', dispose, { once: true });
    void process.exited.then(() => closing.removeEventListener('abort', dispose));
    if (closing.aborted) dispose();
  }

  async write(data: Uint8Array): Promise<void> {
    const { stdin } = this.#process;
    if (stdin.destroyed) throw connectionGone();
    if (stdin.write(data)) return;
    const waiting = new AbortController();
    const { signal } = waiting;
    try {
      await Promise.race([once(stdin, 'drain', { signal }), once(stdin, 'close', { signal })]);
    } catch (error) {
      throw connectionGone(error);
    } finally {
      waiting.abort();
    }
    if (stdin.destroyed) throw connectionGone();
  }

  async end(): Promise<void> {
    this.#process.stdin.end();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#isDisposed) return;
    this.#isDisposed = true;
    this.#process.close();
    this.#context.onLeft(endRelay(this.#process, this.#context.closing));
  }
}

/** The end of its input ends a relay only once the server hangs up. Of one whose end is known the daemon is asked nothing. */
async function endRelay(process: StreamProcess, closing: AbortSignal): Promise<void> {
  if ((await process.exited).type === 'exited') return;
  await pause(relayGraceMs, closing);
  if (closing.aborted) await pause(shortGraceMs, new AbortController().signal);
  if ((await process.findExit()) === undefined) await process.kill('SIGKILL');
}

function connectionGone(cause?: unknown): RecacError {
  return new RecacError('RECAC_EXEC_FAILED', 'the connection to the port is gone. Connect again.', { cause });
}
