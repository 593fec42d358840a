import type { WebSocket } from 'ws';

const pingMs = 5_000;
/** A line on which nothing comes for so long is dead: noticed at the third ping without an answer, 15 s after the last one. */
const silentMs = 14_000;
/** A line on which a ping was not answered is none to trust. */
const suspiciousMs = 7_000;
/** As long as what was sent may be what keeps the server from answering: it reads nothing more, pings among it, while nobody takes that. */
const silentWhileFeedingMs = 120_000;
/** As long as the other end may take nothing of what waits for it: a proxy whose backend is gone may keep the line open for ever. */
const untakenMs = 600_000;

/** How a line is judged. */
export interface SocketPulseOptions {
  /** What was sent may lie for long: while some of it has not even left this process no silence counts until ten minutes have gone by in which nothing did. Default: false. */
  readonly waitsForTaker?: boolean;
}

/** Notices by pings that the line of an open WebSocket is dead though nothing has ended it. A reader that takes nothing stops it. */
export class SocketPulse {
  readonly #socket: WebSocket;
  readonly #onSilent: (reason: string) => void;
  readonly #waitsForTaker: boolean;
  readonly #timer: NodeJS.Timeout;
  #heardAt = performance.now();
  #fedSinceHeard = false;
  #untaken = 0;
  #takenAt = performance.now();

  /** `onSilent`: called with the reason when the line is to be given up. */
  constructor(
    socket: WebSocket,
    onSilent: (reason: string) => void,
    { waitsForTaker = false }: SocketPulseOptions = {},
  ) {
    this.#waitsForTaker = waitsForTaker;
    this.#socket = socket;
    this.#onSilent = onSilent;
    socket.on('pong', () => this.hear());
    this.#timer = setInterval(() => this.#beat(), pingMs);
    this.#timer.unref();
  }

  /** True when it is open and a ping was not answered in time. */
  get isSuspicious(): boolean {
    return this.#isOpen && performance.now() - this.#heardAt > suspiciousMs;
  }

  /** Something has come. */
  hear(): void {
    this.#heardAt = performance.now();
    this.#fedSinceHeard = false;
  }

  /** The reader takes again what comes, or the other end what is sent: a silence counts from now on. */
  resume(): void {
    this.#heardAt = performance.now();
  }

  /** Something is sent that the server may not get rid of. */
  feed(): void {
    this.#fedSinceHeard = true;
  }

  /** Ends it. */
  stop(): void {
    clearInterval(this.#timer);
  }

  /** Open, and its reader takes what comes. */
  get #isOpen(): boolean {
    return this.#socket.readyState === this.#socket.OPEN && !this.#socket.isPaused;
  }

  /** How long nothing of what was sent has left this process, in milliseconds; undefined where all has, or where that does not count. */
  #countUntaken(): number | undefined {
    const untaken = this.#waitsForTaker ? this.#socket.bufferedAmount : 0;
    if (untaken === 0 || untaken < this.#untaken) this.#takenAt = performance.now();
    this.#untaken = untaken;
    return untaken === 0 ? undefined : performance.now() - this.#takenAt;
  }

  #beat(): void {
    if (!this.#isOpen) return;
    const untakenFor = this.#countUntaken();
    if (untakenFor !== undefined) {
      if (untakenFor > untakenMs) this.#onSilent(`nothing was taken for ${Math.round(untakenFor / 1_000)} s`);
      else this.resume();
      return;
    }
    const silentFor = performance.now() - this.#heardAt;
    if (silentFor > (this.#fedSinceHeard ? silentWhileFeedingMs : silentMs))
      this.#onSilent(`nothing was heard for ${Math.round(silentFor / 1_000)} s`);
    else this.#socket.ping();
  }
}
