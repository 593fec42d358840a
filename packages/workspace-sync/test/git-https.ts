import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';

/** A git server over HTTPS that asks for a password: `git http-backend` behind Node. */
export interface GitHttps extends AsyncDisposable {
  /** Address of what lies at a path of its directory. */
  readonly toUrl: (path: string) => string;
  /** Its certificate, in PEM. */
  readonly certificate: string;
  /** Requests that it refused for want of the password. */
  readonly refused: readonly string[];
}

/** Serves the repositories of a directory at an address of this machine, to the user `agent` only. */
export async function startGitHttps(root: string, host: string, password: string): Promise<GitHttps> {
  const files = ['-keyout', join(root, 'server.key'), '-out', join(root, 'server.crt')];
  const subject = ['-subj', '/CN=git', '-addext', `subjectAltName=IP:${host}`];
  execFileSync('openssl', ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', ...subject, ...files], {
    stdio: 'ignore',
  });
  const [key, cert] = await Promise.all(['server.key', 'server.crt'].map((name) => readFile(join(root, name), 'utf8')));
  const expected = `Basic ${Buffer.from(`agent:${password}`).toString('base64')}`;
  const refused: string[] = [];
  const server = createServer({ key, cert }, (request, response) => {
    if (request.headers.authorization !== expected) {
      refused.push(`${request.method} ${request.url}`);
      response.writeHead(401, { 'www-authenticate': 'Basic realm="git"' }).end();
      return;
    }
    const url = new URL(request.url ?? '/', 'https://git');
    const child = spawn('git', ['http-backend'], {
      env: {
        PATH: process.env.PATH,
        GIT_PROJECT_ROOT: root,
        GIT_HTTP_EXPORT_ALL: '1',
        GIT_CONFIG_COUNT: '1',
        GIT_CONFIG_KEY_0: 'safe.directory',
        GIT_CONFIG_VALUE_0: '*',
        REQUEST_METHOD: request.method,
        PATH_INFO: url.pathname,
        QUERY_STRING: url.search.slice(1),
        CONTENT_TYPE: request.headers['content-type'] ?? '',
        HTTP_CONTENT_ENCODING: request.headers['content-encoding'] ?? '',
        GIT_PROTOCOL: String(request.headers['git-protocol'] ?? ''),
        REMOTE_USER: 'agent',
      },
      stdio: ['pipe', 'pipe', 'ignore'],
    });
    request.pipe(child.stdin);
    child.stdin.on('error', () => {});
    child.stdout.toArray().then(
      (pieces) => {
        const answer = Buffer.concat(pieces);
        const end = answer.indexOf('\r\n\r\n');
        const headers = answer
          .subarray(0, end)
          .toString()
          .split('\r\n')
          .map((line) => line.split(': '));
        const status = headers.find(([name]) => name === 'Status')?.[1];
        response.statusCode = status === undefined ? 200 : Number(status.slice(0, 3));
        for (const [name = '', value = ''] of headers) if (name !== 'Status') response.setHeader(name, value);
        response.end(answer.subarray(end + 4));
      },
      () => response.destroy(),
    );
  });
  server.listen(0, host);
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    toUrl: (path) => `https://${host}:${port}/${path}`,
    certificate: cert ?? '',
    refused,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
