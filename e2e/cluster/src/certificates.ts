import { writeFile } from 'node:fs/promises';
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
  const make = async (name: string, subject: string, names: string): Promise<void> => {
    await openssl('req', ...curve, '-keyout', `${name}.key`, '-out', `${name}.csr`, '-subj', subject);
    await writeFile(
      join(directory, `${name}.ext`),
      `subjectAltName=${names}\nextendedKeyUsage=serverAuth,clientAuth\n`,
    );
    const authority = ['-CA', 'ca.crt', '-CAkey', 'ca.key', '-CAcreateserial', '-CAserial', `${name}.srl`];
    await openssl(
      'x509',
      '-req',
      '-in',
      `${name}.csr`,
      ...authority,
      '-out',
      `${name}.crt`,
      '-days',
      days,
      '-extfile',
      `${name}.ext`,
    );
  };
  const own = `IP:127.0.0.1,IP:${address}`;
  const service = ['kubernetes', 'kubernetes.default', 'kubernetes.default.svc', 'localhost'].map(
    (name) => `DNS:${name}`,
  );
  await Promise.all([
    make('apiserver', '/CN=kube-apiserver', `${service.join(',')},${own},IP:${serviceAddress}`),
    make('kubelet', `/O=system:nodes/CN=system:node:${node}`, `DNS:${node},${own}`),
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
