import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** Makes an authority (`ca.pem`), a certificate for 127.0.0.1 (`server-cert.pem`) and one for a client (`cert.pem`), with keys. */
export async function makeCertificates(directory: string): Promise<void> {
  const openssl = (...args: readonly string[]) => run('openssl', args, { cwd: directory });
  const key = (name: string) => ['-newkey', 'rsa:2048', '-nodes', '-keyout', name];
  await openssl('req', '-x509', ...key('ca-key.pem'), '-out', 'ca.pem', '-subj', '/CN=recac-test', '-days', '2');
  const sign = async (name: string, keyName: string, extensions: string) => {
    await writeFile(join(directory, 'extensions'), extensions);
    await openssl('req', ...key(keyName), '-out', 'request', '-subj', '/CN=recac-test-part');
    const authority = ['-CA', 'ca.pem', '-CAkey', 'ca-key.pem', '-CAcreateserial'];
    await openssl('x509', '-req', '-in', 'request', ...authority, '-out', name, '-days', '2', '-extfile', 'extensions');
  };
  await sign('server-cert.pem', 'server-key.pem', 'subjectAltName=IP:127.0.0.1\nextendedKeyUsage=serverAuth\n');
  await sign('cert.pem', 'key.pem', 'extendedKeyUsage=clientAuth\n');
}
