import { copyFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { runProgram } from './run-program.ts';

/** Where the certificates of a cluster are, and the address that they are for. */
export interface CertificateOptions {
  /** Directory of the certificates. */
  readonly directory: string;
  /** Address of the node and the API server. */
  readonly address: string;
  /** Address of the service `kubernetes`. */
  readonly serviceAddress: string;
  /** Name of the node. */
  readonly node: string;
}

const days = '30';
const curve = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'];

/** Makes the authority of a cluster, a certificate for every component, and the key of service account tokens. */
export async function makeCertificates({
  directory,
  address,
  serviceAddress,
  node,
}: CertificateOptions): Promise<void> {
  const openssl = (...args: string[]): Promise<string> => runProgram(['openssl', ...args], { directory });
  await openssl('req', '-x509', ...curve, '-keyout', 'ca.key', '-out', 'ca.crt', '-days', days, '-subj', '/CN=test-ca');
  const make = (name: string, subject: string, names: string): Promise<void> =>
    makeCertificate(directory, { name, subject, names });
  const service = ['kubernetes', 'kubernetes.default', 'kubernetes.default.svc', 'localhost'].map(
    (name) => `DNS:${name}`,
  );
  await Promise.all([
    make('apiserver', '/CN=kube-apiserver', `${service.join(',')},${namesOf(address)},IP:${serviceAddress}`),
    makeCertificate(directory, toKubelet(node, address)),
    make('kubelet-client', '/O=system:masters/CN=kube-apiserver-kubelet-client', 'DNS:kubelet-client'),
    make('admin', '/O=system:masters/CN=admin', 'DNS:admin'),
    make('controller-manager', '/CN=system:kube-controller-manager', 'DNS:controller-manager'),
    make('scheduler', '/CN=system:kube-scheduler', 'DNS:scheduler'),
    make('proxy', '/CN=system:kube-proxy', 'DNS:proxy'),
    openssl('genrsa', '-out', 'sa.key', '2048').then(() =>
      openssl('rsa', '-in', 'sa.key', '-pubout', '-out', 'sa.pub'),
    ),
  ]);
}

/** Makes what another node needs, with the certificates of the cluster in `authority`. */
export async function makeNodeCertificates({
  directory,
  address,
  node,
  authority,
}: Omit<CertificateOptions, 'serviceAddress'> & { readonly authority: string }): Promise<void> {
  const names = ['ca.crt', 'ca.key', 'proxy.crt', 'proxy.key'];
  await Promise.all(names.map((name) => copyFile(join(authority, name), join(directory, name))));
  await makeCertificate(directory, toKubelet(node, address));
}

interface Certificate {
  readonly name: string;
  readonly subject: string;
  readonly names: string;
}

const namesOf = (address: string): string => `IP:127.0.0.1,IP:${address}`;

function toKubelet(node: string, address: string): Certificate {
  const subject = `/O=system:nodes/CN=system:node:${node}`;
  return { name: 'kubelet', subject, names: `DNS:${node},${namesOf(address)}` };
}

async function makeCertificate(directory: string, { name, subject, names }: Certificate): Promise<void> {
  const openssl = (...args: string[]): Promise<string> => runProgram(['openssl', ...args], { directory });
  await openssl('req', ...curve, '-keyout', `${name}.key`, '-out', `${name}.csr`, '-subj', subject);
  await writeFile(join(directory, `${name}.ext`), `subjectAltName=${names}\nextendedKeyUsage=serverAuth,clientAuth\n`);
  const authority = ['-CA', 'ca.crt', '-CAkey', 'ca.key', '-CAcreateserial', '-CAserial', `${name}.srl`];
  const files = ['-in', `${name}.csr`, '-out', `${name}.crt`, '-extfile', `${name}.ext`];
  await openssl('x509', '-req', '-days', days, ...authority, ...files);
}
