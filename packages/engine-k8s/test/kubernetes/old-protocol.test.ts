import { createHash, randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage } from 'node:http';
import { request } from 'node:https';
import type { AddressInfo } from 'node:net';
import { describeCluster } from '@recac/e2e-cluster';
import { expect, test, vi } from 'vitest';
import { resolveCluster } from '../../src/cluster/resolve-cluster.ts';
import { createKubernetesEngine } from '../../src/index.ts';
import { busyboxImage, inNamespace } from '../test-namespace.ts';

vi.setConfig({ testTimeout: 120_000 });

const protocolHeader = 'sec-websocket-protocol';

/** A proxy before the real API server that knows nothing newer than v4 of the exec protocol, as servers before 1.30. */
async function startOldServer(kubeconfig: string) {
  const real = await resolveCluster({ kubeconfig });
  const { ca, certificate, key } = await real.credentials({ signal: AbortSignal.timeout(10_000) });
  const spoken = new Set<string>();
  const forward = ({ url, method, headers }: IncomingMessage) =>
    request(new URL(url ?? '/', real.server), {
      method: method ?? 'GET',
      headers: { ...headers, host: real.server.host },
      ca,
      cert: certificate,
      key,
    });
  const server = createServer((incoming, response) => {
    const outgoing = forward(incoming);
    outgoing.once('response', (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.rawHeaders);
      answer.pipe(response);
    });
    outgoing.once('error', () => response.destroy());
    incoming.pipe(outgoing);
    response.once('close', () => outgoing.destroy());
  });
  server.on('upgrade', (incoming, socket) => {
    const offered = String(incoming.headers[protocolHeader]).split(/, */);
    incoming.headers[protocolHeader] = offered.filter((name) => !name.startsWith('v5.')).join(', ');
    const outgoing = forward(incoming);
    outgoing.once('upgrade', (answer, upstream, head) => {
      spoken.add(String(answer.headers[protocolHeader]));
      const lines = answer.rawHeaders.flatMap((name, at, all) => (at % 2 === 0 ? [`${name}: ${all[at + 1]}`] : []));
      socket.write(`HTTP/1.1 101 Switching Protocols\r\n${lines.join('\r\n')}\r\n\r\n`);
      socket.write(head);
      socket.pipe(upstream).pipe(socket);
      for (const stream of [socket, upstream]) {
        stream.once('error', () => {});
        stream.once('close', () => {
          socket.destroy();
          upstream.destroy();
        });
      }
    });
    outgoing.once('response', (answer) => {
      socket.write(`HTTP/1.1 ${answer.statusCode} Refused\r\nConnection: close\r\n\r\n`);
      answer.pipe(socket);
    });
    outgoing.once('error', () => socket.destroy());
    outgoing.end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    access: {
      server: new URL(`http://127.0.0.1:${port}`),
      contextName: 'old',
      credentials: async () => ({ headers: {} }),
    },
    spoken,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

describeCluster('a server that knows only v4.channel.k8s.io', ({ kubeconfig }) => {
  test('commands, exit codes, both streams, stdin to its end, and terminals work', () =>
    inNamespace(kubeconfig, {}, async ({ namespace }) => {
      await using old = await startOldServer(kubeconfig);
      await using engine = createKubernetesEngine({ access: old.access, namespace });
      const { id } = await engine.startEnvironment({ sessionId: 'old', image: busyboxImage });
      expect(await engine.exec(id, ['sh', '-c', 'echo out; echo err >&2; exit 7'])).toMatchObject({
        outcome: { type: 'exited', code: 7 },
        stdout: 'out\n',
        stderr: 'err\n',
      });
      const input = randomBytes(1_500_000);
      const digest = createHash('sha256').update(input).digest('hex');
      expect((await engine.exec(id, ['sha256sum'], { stdin: input })).stdout).toBe(`${digest}  -\n`);
      expect((await engine.exec(id, ['cat'], { stdin: '' })).outcome).toEqual({ type: 'exited', code: 0 });
      const terminal = await engine.spawn(id, ['sh', '-c', 'read -r line; echo "$line"; stty size; exit 9'], {
        terminal: { columns: 71, rows: 17 },
        stdin: 'pipe',
      });
      await terminal.write('typed\n');
      const chunks: Buffer[] = [];
      for await (const chunk of terminal.stdout) chunks.push(chunk as Buffer);
      expect(Buffer.concat(chunks).toString()).toContain('17 71');
      expect(await terminal.wait()).toMatchObject({ outcome: { type: 'exited', code: 9 } });
      await engine.stopEnvironment(id);
      expect([...old.spoken]).toEqual(['v4.channel.k8s.io']);
    }));
});
