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

/** What a proxy is like. */
export interface ApiProxyOptions {
  /** Days from now on that its certificate is valid for; less than none is one that has expired. Default: 2. */
  readonly certificateDays?: number;
}

/**
 * Starts a proxy before the API server of a kubeconfig. It ends TLS on both sides, with a certificate of its own towards clients and the kubeconfig's client
 * certificate towards the server, so it sees requests, watches and the frames of WebSockets.
 */
export async function startApiProxy(
  kubeconfig: string,
  { certificateDays = 2 }: ApiProxyOptions = {},
): Promise<ApiProxy> {
  const { host, port, ...material } = await readConnection(kubeconfig);
  const directory = await mkdtemp(join(tmpdir(), 'recac-api-proxy-'));
  const own = await makeCertificate(directory, certificateDays);
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

async function makeCertificate(
  directory: string,
  days: number,
): Promise<{ readonly cert: string; readonly key: string }> {
  const openssl = (...args: string[]) => promisify(execFile)('openssl', args, { cwd: directory });
  const curve = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-keyout', 'proxy.key'];
  const extensions = ['-addext', 'subjectAltName=IP:127.0.0.1', '-addext', 'basicConstraints=critical,CA:TRUE'];
  await openssl('req', ...curve, '-out', 'proxy.csr', '-subj', '/CN=recac-api-proxy', ...extensions);
  // Only this one takes days that are negative.
  const signing = ['-req', '-in', 'proxy.csr', '-signkey', 'proxy.key', '-copy_extensions', 'copy'];
  await openssl('x509', ...signing, '-days', String(days), '-out', 'proxy.crt');
  const read = (name: string): Promise<string> => readFile(join(directory, name), 'utf8');
  return { cert: await read('proxy.crt'), key: await read('proxy.key') };
}
