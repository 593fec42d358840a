import process from 'node:process';
import { RecacError } from '@recac/engine-core';

/** Where a daemon listens, taken apart. */
export type DaemonTarget =
  | { readonly scheme: 'unix' | 'npipe'; readonly path: string }
  | { readonly scheme: 'tcp'; readonly host: string; readonly port: number }
  | {
      readonly scheme: 'ssh';
      readonly host: string;
      readonly user?: string;
      readonly port?: number;
      /** Socket of the daemon on the other machine. Absent: what the docker command there uses. */
      readonly socketPath?: string;
    };

/** How to read an address. */
export interface ParseHostOptions {
  /** What the address was found in, for messages. Default: `the address of the daemon`. */
  readonly source?: string;
  /** Platform of this client. Default: the one of this process. */
  readonly platform?: NodeJS.Platform;
}

/** With TLS too, as the docker command has it. */
const defaultPort = 2375;
const defaultUnixPath = '/var/run/docker.sock';
const defaultPipePath = '//./pipe/docker_engine';
const authority = /^(?:\[([0-9A-Fa-f:.]+(?:%\w+)?)\]|([\w.-]*))(?::(\d{1,5}))?\/?$/;
const sshAuthority =
  /^(?:([\w.][\w.\\+-]*)@)?(?:\[([0-9A-Fa-f:.]+(?:%\w+)?)\]|(\w[\w.-]*))(?::(\d{1,5}))?(?:\/|(\/[\w./+@:-]+))?$/;

/** Reads an address as the docker command does. Refuses passwords, and never repeats one. */
export function parseHost(text: string, options: ParseHostOptions = {}): DaemonTarget {
  const trimmed = text.trim();
  const separator = trimmed.indexOf('://');
  const scheme = separator < 0 ? 'tcp' : trimmed.slice(0, separator).toLowerCase();
  const rest = separator < 0 ? trimmed : trimmed.slice(separator + 3);
  const refuse = (problem: string, nextStep: string): RecacError => hostRefused(trimmed, problem, nextStep, options);
  if (scheme === 'unix') return { scheme, path: toSocketPath(rest || defaultUnixPath, refuse) };
  if (scheme === 'npipe') return { scheme, path: toPipePath(rest || defaultPipePath, options.platform, refuse) };
  if (/:.*@/.test(rest)) throw refuse('has a password in it', 'Passwords do not belong into addresses: remove it.');
  if (scheme === 'tcp') return parseTcp(rest, refuse);
  if (scheme === 'ssh') return parseSsh(rest, refuse);
  throw refuse(
    'begins with an unknown scheme',
    'Use unix://, tcp://, ssh:// or npipe://; for TLS, tcp:// with DOCKER_TLS_VERIFY.',
  );
}

/** Writes an address as DOCKER_HOST has it; `parseHost` reads it back. */
export function formatHost(target: DaemonTarget): string {
  if ('path' in target) return `${target.scheme}://${target.path}`;
  const host = target.host.includes(':') ? `[${target.host}]` : target.host;
  const port = target.port === undefined ? '' : `:${target.port}`;
  if (target.scheme === 'tcp') return `tcp://${host}${port}`;
  return `ssh://${target.user === undefined ? '' : `${target.user}@`}${host}${port}${target.socketPath ?? ''}`;
}

type Refuse = (problem: string, nextStep: string) => RecacError;

function toSocketPath(path: string, refuse: Refuse): string {
  if (!path.startsWith('/') || path.includes('\0'))
    throw refuse('is no absolute path', 'Write three slashes: unix:///path/of/docker.sock');
  return path;
}

function toPipePath(path: string, platform: NodeJS.Platform = process.platform, refuse: Refuse): string {
  if (platform !== 'win32') throw refuse('is a named pipe, which only Windows has', 'Use unix:// here.');
  const slashed = path.replaceAll('\\', '/');
  if (!/^\/\/[^/]+\/pipe\/[^/]/.test(slashed)) throw refuse('is no named pipe', 'Write npipe:////./pipe/docker_engine');
  return slashed;
}

function parseTcp(rest: string, refuse: Refuse): DaemonTarget {
  const [, literal, name, port] = authority.exec(rest) ?? [];
  if (literal === undefined && name === undefined) throw refuse('is no host and port', 'Write tcp://host:port');
  return {
    scheme: 'tcp',
    host: literal || name || 'localhost',
    port: toPort(port, refuse) ?? defaultPort,
  };
}

function parseSsh(rest: string, refuse: Refuse): DaemonTarget {
  const [, user, literal, name, port, socketPath] = sshAuthority.exec(rest) ?? [];
  const host = literal ?? name;
  if (host === undefined) throw refuse('is no address for ssh', 'Write ssh://user@host or ssh://user@host:port');
  return {
    scheme: 'ssh',
    host,
    ...(user === undefined ? {} : { user }),
    ...(port === undefined ? {} : { port: toPort(port, refuse) }),
    ...(socketPath === undefined ? {} : { socketPath }),
  };
}

function toPort(text: string, refuse: Refuse): number;
function toPort(text: string | undefined, refuse: Refuse): number | undefined;
function toPort(text: string | undefined, refuse: Refuse): number | undefined {
  if (text === undefined) return undefined;
  const port = Number(text);
  if (port < 1 || port > 65_535) throw refuse('has a port outside 1 to 65535', 'Correct the port.');
  return port;
}

/** What comes before the last @ may be a password, whatever else is wrong with the address. */
function hostRefused(text: string, problem: string, nextStep: string, { source }: ParseHostOptions): RecacError {
  const shown = text.replace(/^([a-z]+:\/\/)?.*@/is, '$1…@').slice(0, 200);
  return new RecacError(
    'RECAC_INVALID_ARGUMENT',
    `${source ?? 'the address of the daemon'} "${shown}" ${problem}. ${nextStep}`,
    { details: { field: source ?? 'host', rule: problem } },
  );
}
