/** What happens to a request and to everything that follows on its connection. */
export type Fault =
  /** The request reaches the daemon later. */
  | { readonly type: 'delay'; readonly ms: number }
  /** The request reaches the daemon later, also when its client has gone, and is never answered: as with a daemon that is slow to take it up. */
  | { readonly type: 'late'; readonly ms: number }
  /** The connection ends before the request reaches the daemon. */
  | { readonly type: 'drop' }
  /** The request never reaches the daemon, and the connection stays open: as with a daemon that hangs. */
  | { readonly type: 'hold' }
  /** The daemon gets the request; its answer never comes. */
  | { readonly type: 'swallow' }
  /** The daemon gets the request and answers; the connection ends instead of delivering that. */
  | { readonly type: 'lose' }
  /** The proxy answers in the daemon's place. */
  | {
      readonly type: 'answer';
      readonly status: number;
      readonly message: string;
      /** Kubernetes' word for it, such as `InternalError`. Default: none. */
      readonly reason?: string;
      /** What it says in `Retry-After`. Default: nothing. */
      readonly retryAfterSeconds?: number;
    }
  /** The connection is destroyed, or ends in order, after so many bytes of the answer and its stream. */
  | {
      readonly type: 'truncate';
      readonly afterBytes: number;
      readonly end?: 'destroyed' | 'in order';
      /** Counts from where the connection is taken over. Default: from the answer's first byte. */
      readonly ofStream?: boolean;
    }
  /** After so many bytes of the answer nothing comes any more, and the connection stays open. */
  | { readonly type: 'silence'; readonly afterBytes: number; readonly ofStream?: boolean }
  /** After so many frames of a WebSocket it is closed in order, with a code. */
  | { readonly type: 'close'; readonly afterFrames: number; readonly code: number }
  /** The frames of one channel of a WebSocket (the first byte of what they carry) do not come. */
  | { readonly type: 'strip'; readonly channel: number }
  /** The answer comes byte by byte. */
  | { readonly type: 'split' }
  /** The daemon gets another request: what is found in `METHOD /path` is replaced. */
  | { readonly type: 'rewrite'; readonly find: RegExp; readonly replacement: string }
  /** Each line of an answer in chunks, such as a watch, becomes what `change` gives for it; `end` false keeps the end of the answer back. */
  | { readonly type: 'lines'; readonly change: (line: string) => readonly string[]; readonly end?: boolean };

/** Which requests a fault hits, and how many of them. */
export interface FaultRule {
  /** Looked for in `METHOD /path`. */
  readonly request: RegExp;
  readonly fault: Fault;
  /** How many that match pass before. Default: none. */
  readonly skip?: number;
  /** How many are hit. Default: one. */
  readonly times?: number;
}

/** Faults that wait for their requests. The first rule that matches counts. */
export class FaultRules {
  #rules: { readonly rule: FaultRule; skip: number; left: number }[] = [];

  /** Adds a rule behind the others. */
  add(rule: FaultRule): void {
    this.#rules.push({ rule, skip: rule.skip ?? 0, left: rule.times ?? 1 });
  }

  /** Forgets all rules. */
  clear(): void {
    this.#rules = [];
  }

  /** The fault for a request, `METHOD /path`; it is used up by that. */
  take(request: string): Fault | undefined {
    const found = this.#rules.find(({ rule, left }) => left > 0 && rule.request.test(request));
    if (!found) return undefined;
    if (found.skip > 0) {
      found.skip -= 1;
      return undefined;
    }
    found.left -= 1;
    return found.rule.fault;
  }
}
