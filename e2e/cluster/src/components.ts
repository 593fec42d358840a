import { join } from 'node:path';
import process from 'node:process';
import type { ClusterPlan } from './cluster-plan.ts';

/** The parts of a cluster, in the order in which they start. */
export const componentNames = [
  'etcd',
  'apiserver',
  'containerd',
  'controller-manager',
  'scheduler',
  'kubelet',
  'proxy',
  'storage',
  'policies',
] as const;

/** A part of a cluster of one node. */
export type FirstNodeComponent = (typeof componentNames)[number];

/** A part of the second node: its network, and what runs in there. */
export type SecondNodeComponent = 'network-2' | 'containerd-2' | 'kubelet-2' | 'proxy-2';

/** A part of a cluster. */
export type ComponentName = FirstNodeComponent | SecondNodeComponent | 'simulator' | `registry-${number}`;

/** A node that says nothing counts as lost after seconds: default is 50 s. */
const nodeDeathFlags = ['--node-monitor-grace-period=16s', '--node-monitor-period=2s'];

/** The command line of a component. */
export function toCommand(plan: ClusterPlan, name: FirstNodeComponent): readonly string[] {
  const { directory, program } = plan;
  const file = (path: string): string => join(directory, path);
  const kubeconfig = `--kubeconfig=${file(`${name}.kubeconfig`)}`;
  switch (name) {
    case 'etcd':
      return [program, 'etcd', ...toEtcdFlags(file('etcd'))];
    case 'apiserver':
      return [program, 'apiserver', ...toApiServerFlags(plan)];
    case 'containerd':
      return ['containerd', '--config', file('containerd.toml')];
    case 'controller-manager': {
      const keys = [`--service-account-private-key-file=${file('pki/sa.key')}`, `--root-ca-file=${file('pki/ca.crt')}`];
      const flags = ['--use-service-account-credentials', '--leader-elect=false', '--bind-address=127.0.0.1'];
      return [program, name, kubeconfig, ...keys, ...flags, ...(plan.nodes === 1 ? [] : nodeDeathFlags)];
    }
    case 'scheduler':
      return [program, name, kubeconfig, '--leader-elect=false', '--bind-address=127.0.0.1'];
    case 'kubelet': {
      const places = [`--root-dir=${file('kubelet')}`, `--cert-dir=${file('pki')}`];
      const node = [`--hostname-override=${plan.node}`, `--node-ip=${plan.address}`];
      return [program, name, `--config=${file('kubelet.yaml')}`, kubeconfig, ...node, ...places];
    }
    case 'proxy':
      return [program, name, `--config=${file('proxy.yaml')}`];
    case 'storage':
      return [process.execPath, join(import.meta.dirname, 'storage/provisioner.ts'), directory];
    case 'policies':
      return [process.execPath, join(import.meta.dirname, 'policies/enforcer.ts'), directory];
  }
}

function toEtcdFlags(directory: string): readonly string[] {
  const urls = ['--listen-client-urls=http://127.0.0.1:2379', '--advertise-client-urls=http://127.0.0.1:2379'];
  return [
    `--data-dir=${directory}`,
    '--unsafe-no-fsync',
    '--log-level=warn',
    ...urls,
    '--listen-peer-urls=http://127.0.0.1:2380',
  ];
}

function toApiServerFlags({ directory, serviceRange, address, nodes }: ClusterPlan): readonly string[] {
  const pki = join(directory, 'pki');
  return [
    '--etcd-servers=http://127.0.0.1:2379',
    `--service-cluster-ip-range=${serviceRange}`,
    '--secure-port=6443',
    `--advertise-address=${address}`,
    `--tls-cert-file=${pki}/apiserver.crt`,
    `--tls-private-key-file=${pki}/apiserver.key`,
    `--client-ca-file=${pki}/ca.crt`,
    `--kubelet-client-certificate=${pki}/kubelet-client.crt`,
    `--kubelet-client-key=${pki}/kubelet-client.key`,
    `--kubelet-certificate-authority=${pki}/ca.crt`,
    '--kubelet-preferred-address-types=InternalIP',
    '--service-account-issuer=https://kubernetes.default.svc',
    `--service-account-key-file=${pki}/sa.pub`,
    `--service-account-signing-key-file=${pki}/sa.key`,
    '--authorization-mode=Node,RBAC',
    '--enable-admission-plugins=NodeRestriction',
    '--allow-privileged',
    ...(nodes === 1 ? [] : ['--default-unreachable-toleration-seconds=40']),
  ];
}
