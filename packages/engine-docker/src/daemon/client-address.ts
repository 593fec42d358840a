import { Buffer } from 'node:buffer';
import type { Agent } from 'node:http';
import { isIPv6 } from 'node:net';
import { invalidArgument } from '@recac/engine-core';
import type Dockerode from 'dockerode';
import type { DaemonChoice } from './choose-daemon.ts';
import type { DaemonAddress, DaemonTls } from './daemon-address.ts';
import { DaemonAgent, type OpenConnection } from './daemon-agent.ts';
import { explainChosen, toProblem } from './explain-unreachable.ts';
import type { LocatedDaemon } from './locate-daemon.ts';
import { type DaemonTarget, formatHost, parseHost } from './parse-host.ts';
import { pingDaemon } from './ping-daemon.ts';

/** The part of docker-modem that says where it connects; its types keep it private. */
interface Modem {
  readonly socketPath?: string | (() => string | Promise<string>);
  readonly host?: string;
  readonly port?: number | string;
  readonly protocol?: 'http' | 'https' | 'ssh';
  readonly username?: string;
  readonly password?: string;
  readonly sshOptions?: Readonly<Record<string, unknown>>;
  readonly ca?: PemText;
  readonly cert?: PemText;
  readonly key?: PemText;
  readonly agent?: Agent;
}

type PemText = string | Buffer | readonly (string | Buffer)[];

const source = 'client';
const pingDeadlineMs = 10_000;

/** Asks the daemon of a caller's dockerode for a sign of life, over connections of our own to the same place. */
export async function locateClient(
  client: Dockerode,
  { host, context }: DaemonChoice,
  signal: AbortSignal,
): Promise<LocatedDaemon> {
  if (host !== undefined || context !== undefined)
    throw invalidArgument('client', 'cannot be given together with a host or context', 'A client knows its daemon.');
  const { address, agent } = await openClientAgent(client);
  try {
    const ping = await pingDaemon(agent, AbortSignal.any([signal, AbortSignal.timeout(pingDeadlineMs)]));
    return { address, agent, ping, tried: [{ host: address.host, source }] };
  } catch (error) {
    agent.destroy();
    if (signal.aborted) throw signal.reason;
    throw explainChosen({ host: address.host, source, problem: toProblem(error) }, error);
  }
}

/** An agent whose connections lead where the client's do: through the client's own agent where it has one. */
export async function openClientAgent(client: Dockerode): Promise<{ address: DaemonAddress; agent: DaemonAgent }> {
  const modem = client.modem as Modem;
  const { target, tls } = await toTarget(modem);
  const address = { host: formatHost(target), source, ...(tls ? { tls } : {}) };
  if (!modem.agent) return { address, agent: new DaemonAgent(address) };
  return { address, agent: new DaemonAgent(address, through(modem.agent, target, tls)) };
}

async function toTarget(modem: Modem): Promise<{ target: DaemonTarget; tls?: DaemonTls | undefined }> {
  const { socketPath, host, port, protocol } = modem;
  if (host === undefined) {
    const path = (typeof socketPath === 'function' ? await socketPath() : socketPath) ?? '';
    const scheme = /^[\\/]{2}/.test(path) ? 'npipe' : 'unix';
    return { target: parseHost(`${scheme}://${path}`, { source }) };
  }
  if (protocol === 'ssh') return { target: toSshTarget(modem) };
  const [, scheme, rest = host] = /^(https?|tcp):\/\/(.*)$/.exec(host) ?? [];
  const encrypted = (scheme === 'https' || scheme === 'http' ? scheme : protocol) === 'https';
  const bare = rest.replace(/\/$/, '');
  const name = isIPv6(bare) ? `[${bare}]` : bare;
  const withPort = /:\d+$/.test(name) ? name : `${name}:${port || (encrypted ? 443 : 80)}`;
  const target = parseHost(withPort, { source });
  return { target, tls: encrypted ? toTls(modem) : undefined };
}

function toSshTarget({ host = '', port, username, password, sshOptions = {} }: Modem): DaemonTarget {
  const { agent: _agent, agentForward: _forward, ...others } = sshOptions;
  if (password !== undefined || Object.keys(others).length > 0)
    throw invalidArgument(
      'client',
      'connects by ssh with a password or options of its own',
      'Give host: "ssh://user@host" instead; keys and options belong into the configuration of ssh.',
    );
  return parseHost(`ssh://${username ? `${username}@` : ''}${host}${port ? `:${port}` : ''}`, { source });
}

function toTls({ ca, cert, key }: Modem): DaemonTls {
  return {
    ...(ca === undefined ? {} : { ca: toText(ca) }),
    ...(cert === undefined ? {} : { cert: toText(cert) }),
    ...(key === undefined ? {} : { key: toText(key) }),
  };
}

function toText(pem: PemText): string {
  if (typeof pem === 'string') return pem;
  return Buffer.isBuffer(pem) ? pem.toString() : pem.map(String).join('\n');
}

/** Whatever the agent is made of, it knows how to connect; `http` would tell it this much. */
function through(agent: Agent, target: DaemonTarget, tls: DaemonTls | undefined): OpenConnection {
  const where =
    'path' in target ? { path: target.path, socketPath: target.path } : { host: target.host, port: target.port };
  const connector = agent as unknown as {
    readonly options?: object;
    createConnection(options: unknown, opened: unknown): ReturnType<OpenConnection>;
  };
  return (opened) => connector.createConnection({ ...connector.options, ...where, ...(tls ?? {}) }, opened);
}
