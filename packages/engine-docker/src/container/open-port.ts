import { once } from 'node:events';
import { abortedError, type PortConnection, RecacError } from '@recac/engine-core';
import { findListenerScript, readLine } from '@recac/engine-kit';
import type { DaemonClient } from '../daemon/daemon-client.ts';
import { pause } from '../daemon/pause.ts';
import type { StreamProcess } from '../stream/stream-process.ts';
import { openExec } from './exec-process.ts';

/**
 * POSIX sh with one parameter, the port: says `ok` when something listens there, then relays with the first program that the image has. Those that can
 * close one direction come first.
 */
const relayScript = `
${findListenerScript}
_rclistens "$1" || { echo closed; exit 1; }
_rchas() { command -v "$1" >/dev/null 2>&1; }
if _rchas socat; then echo ok; exec socat -t 86400 - "TCP:localhost:$1"
elif _rchas python3; then echo ok; exec python3 -c '
import socket,sys,threading,os
c=socket.create_connection(("localhost",int(sys.argv[1])))
def up():
    while True:
        d=os.read(0,65536)
        if not d: break
        c.sendall(d)
    c.shutdown(socket.SHUT_WR)
threading.Thread(target=up,daemon=True).start()
while True:
    d=c.recv(65536)
    if not d: break
    while d: d=d[os.write(1,d):]
os._exit(0)' "$1"
elif _rchas perl; then echo ok; exec perl -e '
use IO::Socket::INET;
my $c=IO::Socket::INET->new("127.0.0.1:$ARGV[0]") or exit 1;
my $parent=$$;
my $up=fork();
if(!$up){ while(sysread(STDIN,my $b,65536)){ my $o=0; while($o<length $b){ my $n=syswrite($c,$b,length($b)-$o,$o); exit 1 unless $n; $o+=$n } } shutdown($c,1); exit 0 }
while(sysread($c,my $b,65536)){ my $o=0; while($o<length $b){ my $n=syswrite(STDOUT,$b,length($b)-$o,$o); last unless $n; $o+=$n } }
kill 9,$up; exit 0' "$1"
elif _rchas nc; then
  echo ok
  if nc -h 2>&1 | grep -q -- '-N'; then exec nc -N 127.0.0.1 "$1"; else exec nc 127.0.0.1 "$1"; fi
elif _rchas bash; then echo ok; exec bash -c 'exec 3<>"/dev/tcp/127.0.0.1/$1"; cat <&0 >&3 & cat <&3; kill $!' recac "$1"
else echo none; exit 1; fi
`;

/** Looking for the listener and the relay takes a shell some tenths of a second. */
const answerDeadlineMs = 30_000;

/** What a connection is made with. */
export interface PortContext {
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
 * Connects to a port on the loopback address of a container, through a relay in it: the daemon may be far away, and the container without network. The container
 * must be ours. Errors: `RECAC_EXEC_FAILED` with `details.reason`: `closed` (nothing listens), `none` (no program to relay with), `lost` (no answer); those of `openExec`.
 */
export async function openContainerPort(
  client: DaemonClient,
  containerId: string,
  port: number,
  context: PortContext,
): Promise<PortConnection> {
  const { signal } = context;
  const argv = ['sh', '-c', relayScript, 'recac', String(port)];
  const process = await openExec(client, containerId, { argv, workingDirectory: '/', marked: true }, signal);
  process.stderr.resume();
  const answer = await readAnswer(process, signal);
  if (answer === 'ok') return new RelayedConnection(process, context);
  process.close();
  const reason = answer === 'closed' || answer === 'none' ? answer : 'lost';
  throw new RecacError('RECAC_EXEC_FAILED', toProblem(reason, port), { details: { port, reason } });
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

function toProblem(reason: 'closed' | 'none' | 'lost', port: number): string {
  if (reason === 'closed') return `nothing listens on port ${port} in the environment. Start the server first.`;
  if (reason === 'none')
    return 'the image has none of socat, python3, perl, nc and bash to connect with. Add one of them.';
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
