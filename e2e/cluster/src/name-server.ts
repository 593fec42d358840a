import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { RunningCluster } from './start-cluster.ts';

/** Gives a cluster of ours a name server where clusters have theirs: service `kube-dns` in `kube-system`. Every name is 203.0.113.10. */
export async function startNameServer({ apply, kubectl, dnsAddress }: RunningCluster): Promise<void> {
  const labels = { 'k8s-app': 'kube-dns' };
  const metadata = { name: 'kube-dns', namespace: 'kube-system', labels };
  const script = await readFile(join(import.meta.dirname, 'name-server.pl'), 'utf8');
  const ports = [
    { name: 'dns', protocol: 'UDP', port: 53 },
    { name: 'dns-tcp', protocol: 'TCP', port: 53 },
    { name: 'metrics', protocol: 'TCP', port: 9153 },
  ];
  const containers = [{ name: 'dns', image: 'recac-test/debian:1', command: ['perl', '-e', script] }];
  await apply(
    { apiVersion: 'v1', kind: 'Pod', metadata, spec: { dnsPolicy: 'Default', containers } },
    { apiVersion: 'v1', kind: 'Service', metadata, spec: { clusterIP: dnsAddress, selector: labels, ports } },
  );
  await kubectl('-n', 'kube-system', 'wait', '--for=condition=Ready', 'pod/kube-dns', '--timeout=60s');
}
