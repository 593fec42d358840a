import { Buffer } from 'node:buffer';
import { randomBytes } from 'node:crypto';
import type { Duplex } from 'node:stream';
import { expect } from 'vitest';
import { type ConnectOptions, connectDaemon } from '../../src/daemon/connect-daemon.ts';
import type { DaemonClient } from '../../src/daemon/daemon-client.ts';
import { busyboxImage } from '../test-engine.ts';

/** Connects, asks, and sends bytes through a container and back over a connection that was taken over, with half-close. */
export async function exerciseDaemon(options: ConnectOptions): Promise<void> {
  const { client } = await connectDaemon(options, AbortSignal.timeout(25_000));
  try {
    const { Version } = await client.call('version', () => client.docker.version());
    expect(Version).toMatch(/^\d+\./);
    await echoThroughContainer(client);
  } finally {
    client.close();
  }
}

async function echoThroughContainer(client: DaemonClient): Promise<void> {
  const container = await client.docker.createContainer({
    Image: busyboxImage,
    Cmd: ['cat'],
    OpenStdin: true,
    StdinOnce: true,
    AttachStdin: true,
    AttachStdout: true,
    HostConfig: { NetworkMode: 'none' },
  });
  try {
    const stream = await client.upgrade(
      'attaching',
      `/containers/${container.id}/attach?stream=1&stdin=1&stdout=1`,
      undefined,
    );
    await container.start();
    const sent = randomBytes(1_000_000);
    const received = collect(stream);
    // The other direction must stay open after this end.
    stream.end(sent);
    const bytes = withoutFrames(await received);
    stream.destroy();
    expect(bytes.equals(sent)).toBe(true);
    expect(await container.wait()).toEqual(expect.objectContaining({ StatusCode: 0 }));
  } finally {
    await container.remove({ force: true });
  }
}

async function collect(stream: Duplex): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

function withoutFrames(bytes: Buffer): Buffer {
  const payloads: Buffer[] = [];
  for (let offset = 0; offset < bytes.length; ) {
    const end = offset + 8 + bytes.readUInt32BE(offset + 4);
    payloads.push(bytes.subarray(offset + 8, end));
    offset = end;
  }
  return Buffer.concat(payloads);
}
