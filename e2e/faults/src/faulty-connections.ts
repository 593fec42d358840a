import type { Duplex } from 'node:stream';
import { FaultRules } from './fault.ts';
import { FaultyConnection } from './faulty-connection.ts';

/** What a test says to a proxy and asks of it. */
export interface FaultyLine {
  /** What shall be broken. */
  readonly rules: FaultRules;
  /** Every request that came, as `METHOD /path`. */
  readonly requests: readonly string[];
  /** How many connections are open. */
  openConnections(): number;
  /** Destroys every connection that is open. */
  destroyAll(): void;
  /** The connections that are open go silent, and stay open. */
  silenceAll(): void;
  /** Whether new connections are closed at once. */
  refuse(isRefusing: boolean): void;
}

/** The connections through a proxy. */
export class FaultyConnections implements FaultyLine {
  readonly rules = new FaultRules();
  readonly requests: string[] = [];
  readonly #open = new Set<FaultyConnection>();
  #isRefusing = false;

  /** Connects a client with its daemon. `reset` destroys the client's end, as abruptly as its kind of socket allows. */
  add(client: Duplex, daemon: Duplex, reset: () => void): void {
    if (this.#isRefusing) {
      daemon.destroy();
      reset();
      return;
    }
    const onRequest = (request: string) => {
      this.requests.push(request);
      return this.rules.take(request);
    };
    const connection = new FaultyConnection(client, { daemon, reset, onRequest });
    this.#open.add(connection);
    client.on('close', () => this.#open.delete(connection));
  }

  openConnections(): number {
    return this.#open.size;
  }

  destroyAll(): void {
    for (const connection of this.#open) connection.destroy();
  }

  silenceAll(): void {
    for (const connection of this.#open) connection.silence();
  }

  refuse(isRefusing: boolean): void {
    this.#isRefusing = isRefusing;
  }
}
