import { once } from 'node:events';
import { Agent, request } from 'node:http';
import type { Socket } from 'node:net';
import { json } from 'node:stream/consumers';
import { dockerHost } from './docker-peer.ts';

const { pathname, protocol, hostname, port } = new URL(dockerHost);
const target = protocol === 'unix:' ? { socketPath: pathname } : { host: hostname, port };
const agent = new Agent({ keepAlive: true });

/** What a command of the plain client did. */
export interface RawExecResult {
  /** Its exit code. */
  readonly code: number;
  /** Everything it wrote. */
  readonly stdout: Buffer;
}

/** A command with nothing but Node's http: create, take the connection over, take the frames apart at the end, inspect. */
export async function rawExec(container: string, command: readonly string[]): Promise<RawExecResult> {
  const body = { Cmd: command, AttachStdout: true, AttachStderr: true };
  const { Id } = (await json(await call('POST', `/containers/${container}/exec`, body))) as { Id: string };
  const stdout = await start(Id);
  const { ExitCode } = (await json(await call('GET', `/exec/${Id}/json`))) as { ExitCode: number };
  return { code: ExitCode, stdout };
}

async function call(method: string, path: string, body?: unknown) {
  const sent = request({ ...target, agent, method, path, headers: { 'Content-Type': 'application/json' } });
  sent.end(body === undefined ? undefined : JSON.stringify(body));
  const [response] = await once(sent, 'response');
  return response;
}

async function start(id: string): Promise<Buffer> {
  const headers = { Connection: 'Upgrade', Upgrade: 'tcp', 'Content-Type': 'application/json' };
  const sent = request({ ...target, method: 'POST', path: `/exec/${id}/start`, headers });
  sent.end(JSON.stringify({ Detach: false, Tty: false }));
  const [, socket, head] = (await once(sent, 'upgrade')) as [unknown, Socket, Buffer];
  const chunks = [head];
  for await (const chunk of socket) chunks.push(chunk as Buffer);
  return payloadOf(Buffer.concat(chunks));
}

function payloadOf(stream: Buffer): Buffer {
  const payloads: Buffer[] = [];
  for (let at = 0; at < stream.length; ) {
    const length = stream.readUInt32BE(at + 4);
    payloads.push(stream.subarray(at + 8, at + 8 + length));
    at += 8 + length;
  }
  return Buffer.concat(payloads);
}
