import { mkdtemp, rm } from 'node:fs/promises';
import { connect, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** What happens to a request. */
export type Fault =
  /** The connection is reset before the request reaches the daemon. */
  | { readonly type: 'drop' }
  /** The daemon gets the request; its answer never comes. */
  | { readonly type: 'swallow' }
  /** The daemon gets the request and answers; the connection is reset instead of delivering that. */
  | { readonly type: 'lose' }
  /** The proxy answers in the daemon's place. */
  | { readonly type: 'answer'; readonly status: number; readonly message: string }
  /** The connection is reset after so many bytes of the answer. */
  | { readonly type: 'cut'; readonly afterBytes: number };

/** Which requests a fault hits, and how many of them. */
export interface Rule {
  /** Looked for in `METHOD /path`. */
  readonly request: RegExp;
  readonly fault: Fault;
  /** How often. Default: once. */
  readonly times?: number;
}

/** A proxy before a daemon that breaks what it is told to. */
export interface CuttingProxy extends AsyncDisposable {
  /** Address for clients. */
  readonly host: string;
  /** Every request that came, as `METHOD /path`. */
  readonly requests: readonly string[];
  /** Adds a rule; the first that matches counts. */
  add(rule: Rule): void;
  /** Resets every connection that is open. */
  resetAll(): void;
}

/** Starts a proxy on a socket of its own, before the daemon's socket. */
export async function startCuttingProxy(daemonHost: string): Promise<CuttingProxy> {
  const directory = await mkdtemp(join(tmpdir(), 'recac-proxy-'));
  const path = join(directory, 'docker.sock');
  const requests: string[] = [];
  const rules: { rule: Rule; left: number }[] = [];
  const sockets = new Set<Socket>();
  const server = createServer({ allowHalfOpen: true }, (client) => {
    const daemon = connect({ path: new URL(daemonHost).pathname, allowHalfOpen: true });
    let fault: Fault | undefined;
    let delivered = 0;
    const reset = (): void => {
      client.destroy();
      daemon.destroy();
    };
    for (const [one, other] of [
      [client, daemon],
      [daemon, client],
    ] as const) {
      sockets.add(one);
      one.on('error', () => other.destroy());
      one.on('close', () => {
        sockets.delete(one);
        other.destroy();
      });
      one.on('end', () => other.end());
    }
    client.on('data', (chunk) => {
      const request = /^(GET|POST|DELETE|PUT|HEAD) (\S+) HTTP\/1\.1/.exec(chunk.toString('latin1'));
      if (request) {
        requests.push(`${request[1]} ${request[2]}`);
        fault = take(rules, `${request[1]} ${request[2]}`);
        delivered = 0;
      }
      if (fault?.type === 'drop') reset();
      else if (fault?.type === 'answer') client.write(toAnswer(fault.status, fault.message));
      else daemon.write(chunk);
    });
    daemon.on('data', (chunk) => {
      if (fault?.type === 'swallow') return;
      if (fault?.type === 'lose') return reset();
      if (fault?.type === 'cut' && delivered + chunk.length >= fault.afterBytes) {
        client.write(chunk.subarray(0, fault.afterBytes - delivered), reset);
        return;
      }
      delivered += chunk.length;
      if (!client.write(chunk)) {
        daemon.pause();
        client.once('drain', () => daemon.resume());
      }
    });
  });
  await new Promise<void>((resolve) => server.listen(path, resolve));
  const resetAll = (): void => {
    for (const socket of sockets) socket.destroy();
  };
  return {
    host: `unix://${path}`,
    requests,
    add: (rule) => void rules.push({ rule, left: rule.times ?? 1 }),
    resetAll,
    async [Symbol.asyncDispose]() {
      resetAll();
      server.close();
      await rm(directory, { recursive: true, force: true });
    },
  };
}

function take(rules: { rule: Rule; left: number }[], request: string): Fault | undefined {
  const found = rules.find(({ rule, left }) => left > 0 && rule.request.test(request));
  if (!found) return undefined;
  found.left -= 1;
  return found.rule.fault;
}

function toAnswer(status: number, message: string): string {
  const body = JSON.stringify({ message });
  return `HTTP/1.1 ${status} Fault\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`;
}
