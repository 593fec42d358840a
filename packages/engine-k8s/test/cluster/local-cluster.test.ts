import { expect, test } from 'vitest';
import { recogniseLocalCluster } from '../../src/cluster/local-cluster.ts';

const recognise = (contextName: string, server: string) =>
  recogniseLocalCluster({ contextName, server: new URL(server) })?.name;

test.each([
  ['kind-kind', 'https://127.0.0.1:35117', 'kind'],
  ['k3d-dev', 'https://127.0.0.1:6550', 'k3d'],
  ['minikube', 'https://192.168.49.2:8443', 'minikube'],
  ['minikube-two', 'https://127.0.0.1:32771', 'minikube'],
  ['docker-desktop', 'https://kubernetes.docker.internal:6443', 'Docker Desktop'],
  ['docker-for-desktop', 'https://localhost:6443', 'Docker Desktop'],
  ['rancher-desktop', 'https://127.0.0.1:6443', 'Rancher Desktop'],
  ['colima', 'https://127.0.0.1:51234', 'Colima'],
  ['colima-arm', 'https://192.168.106.2:6443', 'Colima'],
  ['orbstack', 'https://127.0.0.1:26443', 'OrbStack'],
  ['orbstack', 'https://k8s.orb.local:26443', 'OrbStack'],
  ['microk8s', 'https://10.0.2.15:16443', 'MicroK8s'],
  ['default/api-crc-testing:6443/kubeadmin', 'https://api.crc.testing:6443', 'OpenShift Local'],
  ['crc-admin', 'https://api.crc.testing:6443', 'OpenShift Local'],
  ['recac-test', 'https://198.18.7.2:6443', 'the test cluster of recac'],
  ['default', 'https://127.0.0.1:6443', 'a cluster on this machine'],
  ['mine', 'https://[::1]:6443', 'a cluster on this machine'],
] as const)('context %s at %s looks like %s', (context, server, name) => {
  expect(recognise(context, server)).toBe(name);
});

test.each([
  ['kind-of-production', 'https://3F2A.gr7.eu-west-1.eks.amazonaws.example'],
  ['minikube', 'https://203.0.113.9:8443'],
  ['docker-desktop', 'https://localhost.example.com'],
  ['default', 'https://10.1.2.3:6443'],
  ['my-kind-cluster', 'https://172.20.0.4:6443'],
  ['in-cluster', 'https://10.96.0.1'],
  ['kind-x', 'https://172.32.0.1:6443'],
])('context %s at %s does not look local', (context, server) => {
  expect(recognise(context, server)).toBeUndefined();
});
