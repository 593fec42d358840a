import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { PassThrough } from 'node:stream';
import { type ContainerEngine, type PortConnection, RecacError } from '@recac/engine-core';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { forwardPort, type PortForward } from '../src/index.ts';

let server: Server;
let port: number;
let onConnection: (socket: Socket) => void;
const forwards: PortForward[] = [];

beforeEach(async () => {
  server = createServer({ allowHalfOpen: true }, (socket) => onConnection(socket.on('error', () => {})));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  port = (server.address() as { readonly port: number }).port;
});
afterEach(async () => {
  for (const forward of forwards.splice(0)) await forward[Symbol.asyncDispose]();
  await new Promise((resolve) => server.close(resolve));
});

/** An engine whose ports are those of this machine. */
const engine = {
  backend: 'near',
  capabilities: { openPort: true },
  openPort: async (_: string, remotePort: number): Promise<PortConnection> => {
    const socket = connect({ port: remotePort, host: '127.0.0.1', allowHalfOpen: true });
    await once(socket, 'connect').catch(() => {
      throw new RecacError('RECAC_EXEC_FAILED', 'nothing listens there.');
    });
    return {
      output: socket,
      write: (data) =>
        new Promise((resolve, reject) => socket.write(data, (error) => (error ? reject(error) : resolve()))),
      end: () => new Promise((resolve) => socket.end(resolve)),
      [Symbol.asyncDispose]: async () => void socket.destroy(),
    };
  },
} as Partial<ContainerEngine> as ContainerEngine;

async function forward(remotePort: number, errors: unknown[] = []): Promise<PortForward> {
  const opened = await forwardPort(engine, 'any', { remotePort, onConnectionError: (error) => errors.push(error) });
  forwards.push(opened);
  return opened;
}

async function talk(localPort: number, data: Uint8Array): Promise<Buffer> {
  const socket = connect({ port: localPort, host: '127.0.0.1', allowHalfOpen: true });
  socket.on('error', () => {});
  socket.end(data);
  const pieces: Buffer[] = [];
  for await (const piece of socket) pieces.push(piece as Buffer);
  return Buffer.concat(pieces);
}

test('an answer that comes after the end of the question, and much of both', async () => {
  onConnection = async (socket) => {
    const pieces: Buffer[] = [];
    for await (const piece of socket.iterator({ destroyOnReturn: false })) pieces.push(piece as Buffer);
    socket.end(Buffer.concat(pieces).reverse());
  };
  const { localPort } = await forward(port);
  const question = Buffer.alloc(5_000_000, 'abcdefg');
  const answers = await Promise.all([talk(localPort, question), talk(localPort, Buffer.from('xyz'))]);
  expect(answers[0]?.equals(Buffer.from(question).reverse())).toBe(true);
  expect(answers[1]?.toString()).toBe('zyx');
});

test('a server that speaks first and closes', async () => {
  onConnection = (socket) => void socket.end('welcome');
  const { localPort } = await forward(port);
  const socket = connect(localPort, '127.0.0.1');
  const pieces: Buffer[] = [];
  for await (const piece of socket) pieces.push(piece as Buffer);
  expect(Buffer.concat(pieces).toString()).toBe('welcome');
});

test('a port where nothing listens closes that connection, says so, and the forward goes on', async () => {
  onConnection = (socket) => void socket.end('here');
  const errors: unknown[] = [];
  const taken = server;
  const nowhere = createServer();
  await new Promise<void>((resolve) => nowhere.listen(0, '127.0.0.1', resolve));
  const closedPort = (nowhere.address() as { readonly port: number }).port;
  await new Promise((resolve) => nowhere.close(resolve));
  const { localPort } = await forward(closedPort, errors);
  await talk(localPort, Buffer.from('x')).catch(() => {});
  await talk(localPort, Buffer.from('x')).catch(() => {});
  expect(errors).toMatchObject([{ code: 'RECAC_EXEC_FAILED' }, { code: 'RECAC_EXEC_FAILED' }]);
  expect(taken.listening).toBe(true);
});

test('a local port in use is named', async () => {
  await expect(forwardPort(engine, 'any', { remotePort: 1, localPort: port })).rejects.toMatchObject({
    code: 'RECAC_INVALID_ARGUMENT',
    message: expect.stringContaining(`${port} is in use`),
  });
});

test('closing it closes its connections, here and there', async () => {
  const ended = Promise.withResolvers<void>();
  onConnection = (socket) => void socket.resume().on('end', () => ended.resolve(void socket.end()));
  const opened = await forward(port);
  const socket = connect(opened.localPort, '127.0.0.1');
  await once(server, 'connection');
  const closed = once(socket, 'close');
  socket.on('error', () => {});
  await opened[Symbol.asyncDispose]();
  await closed;
  await ended.promise;
});

test('an engine without ports is refused', async () => {
  const without = { backend: 'far', capabilities: { openPort: false } } as unknown as ContainerEngine;
  await expect(forwardPort(without, 'any', { remotePort: 1 })).rejects.toMatchObject({
    code: 'RECAC_CAPABILITY_UNSUPPORTED',
  });
});

test('a line that breaks resets the caller, so that what came does not look whole', async () => {
  const output = new PassThrough();
  const breaking = {
    ...engine,
    openPort: async (): Promise<PortConnection> => ({
      output,
      write: async () => {},
      end: async () => {},
      [Symbol.asyncDispose]: async () => void output.destroy(),
    }),
  };
  const errors: unknown[] = [];
  const opened = await forwardPort(breaking, 'any', {
    remotePort: 1,
    onConnectionError: (error) => errors.push(error),
  });
  forwards.push(opened);
  const socket = connect(opened.localPort, '127.0.0.1');
  output.write('part of an answer');
  await once(socket, 'data');
  const failed = once(socket, 'error');
  output.destroy(new RecacError('RECAC_EXEC_FAILED', 'the line broke.'));
  expect(await failed).toMatchObject([{ code: 'ECONNRESET' }]);
  expect(errors).toMatchObject([{ code: 'RECAC_EXEC_FAILED' }]);
});
