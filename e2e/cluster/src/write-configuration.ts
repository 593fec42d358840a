import { mkdir, readdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ClusterPlan } from './cluster-plan.ts';

const installedPlugins = '/usr/lib/cni';
const policiesPlugin = 'recac-policies';
const everyUser = ['admin', 'controller-manager', 'scheduler', 'proxy', 'kubelet'] as const;

/** Writes the kubeconfigs and the files that components are configured with. Kubeconfigs hold their certificates, so they can be copied. */
export async function writeConfiguration(
  plan: ClusterPlan,
  users: readonly (typeof everyUser)[number][] = everyUser,
): Promise<void> {
  await mkdir(join(plan.directory, 'cni'), { recursive: true });
  await mkdir(join(plan.directory, 'log'), { recursive: true });
  const read = async (name: string): Promise<string> =>
    (await readFile(join(plan.directory, 'pki', name))).toString('base64');
  const authority = await read('ca.crt');
  for (const user of users) {
    const kubeconfig = {
      apiVersion: 'v1',
      kind: 'Config',
      'current-context': 'recac-test',
      clusters: [{ name: 'recac-test', cluster: { server: plan.server, 'certificate-authority-data': authority } }],
      users: [
        {
          name: user,
          user: { 'client-certificate-data': await read(`${user}.crt`), 'client-key-data': await read(`${user}.key`) },
        },
      ],
      contexts: [{ name: 'recac-test', context: { cluster: 'recac-test', user } }],
    };
    await write(plan, `${user}.kubeconfig`, kubeconfig);
  }
  await writeFile(join(plan.directory, 'containerd.toml'), toContainerdConfiguration(plan));
  await linkNetworkPlugins(plan.directory);
  await write(plan, 'cni/10-bridge.conflist', toNetwork(plan));
  await write(plan, 'kubelet.yaml', toKubeletConfiguration(plan));
  await write(plan, 'proxy.yaml', {
    apiVersion: 'kubeproxy.config.k8s.io/v1alpha1',
    kind: 'KubeProxyConfiguration',
    clientConnection: { kubeconfig: join(plan.directory, 'proxy.kubeconfig') },
    mode: 'iptables',
    clusterCIDR: plan.podRange,
    hostnameOverride: plan.node,
    conntrack: { maxPerCore: 0, min: 0 },
  });
}

/** containerd looks for network plugins in one directory: Debian's and our own. */
async function linkNetworkPlugins(directory: string): Promise<void> {
  const target = join(directory, 'cni-plugins');
  await mkdir(target, { recursive: true });
  for (const name of await readdir(installedPlugins)) await symlink(join(installedPlugins, name), join(target, name));
  await symlink(join(import.meta.dirname, 'policies/policies-plugin.pl'), join(target, policiesPlugin));
}

/** JSON is YAML. */
function write(plan: ClusterPlan, name: string, content: unknown): Promise<void> {
  return writeFile(join(plan.directory, name), JSON.stringify(content, undefined, 2), { mode: 0o600 });
}

/** This machine's root may lack CAP_SYS_RESOURCE, without which no sandbox starts unless `restrict_oom_score_adj` is set. */
function toContainerdConfiguration({ directory, pauseImage }: ClusterPlan): string {
  const runtime = (name: string): string => `
  [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.${name}]
    runtime_type = "io.containerd.runc.v2"
    [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.${name}.options]
      SystemdCgroup = false
`;
  return `version = 2
root = "${directory}/containerd/root"
state = "${directory}/containerd/state"
[grpc]
  address = "${directory}/containerd.sock"
[plugins."io.containerd.grpc.v1.cri"]
  restrict_oom_score_adj = true
  sandbox_image = "${pauseImage}"
  [plugins."io.containerd.grpc.v1.cri".cni]
    bin_dir = "${directory}/cni-plugins"
    conf_dir = "${directory}/cni"
  [plugins."io.containerd.grpc.v1.cri".registry]
    config_path = "${directory}/registries"
${runtime('runc')}${runtime('other')}`;
}

function toNetwork({ directory, podRange }: ClusterPlan): unknown {
  const ranges = [[{ subnet: podRange }]];
  const ipam = { type: 'host-local', ranges, routes: [{ dst: '0.0.0.0/0' }], dataDir: join(directory, 'ipam') };
  return {
    cniVersion: '1.0.0',
    name: 'pods',
    plugins: [
      { type: 'bridge', bridge: 'cni-recac', isGateway: true, ipMasq: true, hairpinMode: true, ipam },
      { type: 'portmap', capabilities: { portMappings: true } },
      { type: policiesPlugin, socket: join(directory, 'policies.sock') },
    ],
  };
}

function toKubeletConfiguration({ directory, cgroup, dnsAddress, nodes }: ClusterPlan): unknown {
  const pki = join(directory, 'pki');
  return {
    apiVersion: 'kubelet.config.k8s.io/v1beta1',
    kind: 'KubeletConfiguration',
    address: '0.0.0.0',
    authentication: {
      anonymous: { enabled: false },
      webhook: { enabled: true },
      x509: { clientCAFile: join(pki, 'ca.crt') },
    },
    authorization: { mode: 'Webhook' },
    tlsCertFile: join(pki, 'kubelet.crt'),
    tlsPrivateKeyFile: join(pki, 'kubelet.key'),
    cgroupDriver: 'cgroupfs',
    cgroupRoot: cgroup,
    failSwapOn: false,
    // It says that it lives four times in this time.
    ...(nodes === 1 ? {} : { nodeLeaseDurationSeconds: 12 }),
    failCgroupV1: false,
    containerRuntimeEndpoint: `unix://${directory}/containerd.sock`,
    clusterDomain: 'cluster.local',
    clusterDNS: [dnsAddress],
    resolvConf: '',
    podLogsDir: join(directory, 'podlogs'),
    imageGCHighThresholdPercent: 100,
    imageGCLowThresholdPercent: 99,
    podPidsLimit: 1024,
    evictionHard: { 'memory.available': '100Mi', 'nodefs.available': '1%', 'imagefs.available': '1%' },
    registryPullQPS: 0,
    eventRecordQPS: 0,
  };
}
