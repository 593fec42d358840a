import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect, createSecureContext, TLSSocket } from 'node:tls';
import { promisify } from 'node:util';
import { readConnection } from '@recac/e2e-cluster';
import { FaultyConnections, type FaultyLine } from '../faulty-connections.ts';

/** A proxy before an API server that breaks what it is told to. */
export interface ApiProxy extends FaultyLine, AsyncDisposable {
  /** Path of a kubeconfig that leads to it. */
  readonly kubeconfig: string;
}

/**
 * Starts a proxy before the API server of a kubeconfig. It ends TLS on both sides, with a certificate of its own towards clients and the kubeconfig's client
 * certificate towards the server, so it sees requests, watches and the frames of WebSockets.
 */
export async function startApiProxy(kubeconfig: string): Promise<ApiProxy> {
  const { host, port, ...material } = await readConnection(kubeconfig);
  const directory = await mkdtemp(join(tmpdir(), 'recac-api-proxy-'));
  const own = await makeCertificate(directory);
  const secureContext = createSecureContext(own);
  const upstream = createSecureContext(material);
  const connections = new FaultyConnections();
  const server = createServer({ noDelay: true }, (raw) => {
    const client = new TLSSocket(raw, { isServer: true, secureContext });
    const daemon = connect({ host: host ?? '', port: Number(port), secureContext: upstream });
    raw.on('error', () => {});
    connections.add(client, daemon, () => raw.resetAndDestroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const path = join(directory, 'kubeconfig');
  const address = `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
  await writeFile(path, await withServer(kubeconfig, address, own.cert), { mode: 0o600 });
  return Object.assign(connections, {
    kubeconfig: path,
    async [Symbol.asyncDispose]() {
      connections.destroyAll();
      server.close();
      await rm(directory, { recursive: true, force: true });
    },
  });
}

/** The text of a kubeconfig that leads to another address, as the same user. */
async function withServer(kubeconfig: string, server: string, authority: string): Promise<string> {
  const file = JSON.parse(await readFile(kubeconfig, 'utf8')) as { readonly clusters: readonly { name: string }[] };
  const cluster = { server, 'certificate-authority-data': Buffer.from(authority).toString('base64') };
  return JSON.stringify({ ...file, clusters: file.clusters.map(({ name }) => ({ name, cluster })) });
}

async function makeCertificate(directory: string): Promise<{ readonly cert: string; readonly key: string }> {
  const [certPath, keyPath] = [join(directory, 'proxy.crt'), join(directory, 'proxy.key')];
  const curve = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'];
  const subject = ['-subj', '/CN=recac-api-proxy', '-addext', 'subjectAltName=IP:127.0.0.1', '-days', '2'];
  await promisify(execFile)('openssl', ['req', '-x509', ...curve, '-keyout', keyPath, '-out', certPath, ...subject]);
  return { cert: await readFile(certPath, 'utf8'), key: await readFile(keyPath, 'utf8') };
}
