import { request } from 'node:http';
import { createDockerEngine } from '../../src/index.ts';

/** Other containers of a daemon, with HTTP servers on port 80 that answer to those who can reach them. */
export interface Neighbours {
  /** Addresses by name. */
  readonly addresses: Readonly<Record<string, string>>;
  /** Id of the one that is an environment of ours. */
  readonly environment: string;
  /** Id of its network. */
  readonly network: string;
  /** Ends them. */
  stop(): Promise<void>;
}

const serve = 'mkdir -p /tmp/www; echo neighbour >/tmp/www/index.html; exec httpd -f -p 80 -h /tmp/www';

/** Starts an environment of another session, and a container on Docker's default bridge. */
export async function startNeighbours(host: string, image: string): Promise<Neighbours> {
  const engine = createDockerEngine({ host });
  const { id } = await engine.startEnvironment({ sessionId: 'neighbour', image, network: 'open' });
  const server = await engine.spawn(id, ['sh', '-c', serve]);
  const own = await ask(host, `/containers/${id}/json`);
  const [network] = Object.values(own.NetworkSettings.Networks) as [Record<string, string>];
  const created = await ask(host, '/containers/create', { Image: image, Cmd: ['sh', '-c', serve] });
  await ask(host, `/containers/${created.Id}/start`, {});
  const other = await ask(host, `/containers/${created.Id}/json`);
  return {
    environment: id,
    network: network.NetworkID ?? '',
    addresses: {
      neighbourGateway: network.Gateway ?? '',
      neighbour: network.IPAddress ?? '',
      bridgeNeighbour: other.NetworkSettings.IPAddress,
    },
    stop: async () => {
      server.detach();
      await ask(host, `/containers/${created.Id}?force=1&v=1`, undefined, 'DELETE');
      await engine.stopEnvironment(id);
      await engine.close();
    },
  };
}

/** One question to a daemon on a Unix socket, and its answer. With a body it is a POST, unless told. */
export function ask(
  host: string,
  path: string,
  json?: unknown,
  method = json === undefined ? 'GET' : 'POST',
  // biome-ignore lint/suspicious/noExplicitAny: answers of the daemon are as documented there
): Promise<any> {
  const headers = { host: 'docker', 'content-type': 'application/json' };
  return new Promise((resolve, reject) => {
    const asked = request({ socketPath: new URL(host).pathname, path, method, headers, agent: false }, (answer) => {
      let body = '';
      answer.setEncoding('utf8').on('data', (text: string) => {
        body += text;
      });
      answer.on('end', () => {
        if ((answer.statusCode ?? 500) >= 300) reject(new Error(`${path}: ${answer.statusCode} ${body}`));
        else resolve(body === '' ? undefined : JSON.parse(body));
      });
    });
    asked.on('error', reject).end(json === undefined ? undefined : JSON.stringify(json));
  });
}
