import { spawnSync } from 'node:child_process';
import { missingForCluster } from '../e2e/cluster/src/missing-parts.ts';
import { missingForBuildx } from '../e2e/docker/src/buildx-plugin.ts';
import { missingForDaemon } from '../e2e/docker/src/missing-parts.ts';

/** True where a missing real component is a failure and not a skip: `CI=true` or `RECAC_REQUIRE_ALL=1`. */
export const requireAll = process.env.CI === 'true' || process.env.RECAC_REQUIRE_ALL === '1';

const components = [
  { name: 'git', probe: ['git', '--version'], without: 'the demo and the workspace tests cannot run' },
  { name: 'dash', probe: ['dash', '-c', 'exit 0'], without: 'command lanes are not tested under dash' },
  { name: 'bash', probe: ['bash', '-c', 'exit 0'], without: 'command lanes are not tested under bash' },
  {
    name: 'busybox',
    probe: ['busybox', 'sh', '-c', 'exit 0'],
    without: 'command lanes are not tested under busybox ash',
  },
  { name: 'setsid', probe: ['setsid', 'true'], without: 'commands get no session of their own' },
  {
    name: 'setpriv',
    probe: ['setpriv', '--version'],
    without: 'as root, nothing is tested as a user whom file modes hold back',
  },
  { name: 'python3', probe: ['python3', '--version'], without: 'nothing is tested at a terminal' },
  { name: 'docker-registry', probe: ['docker-registry', '--version'], without: 'no image is pulled in tests' },
  { name: 'podman', probe: ['podman', '--version'], without: 'nothing is tested with Podman as the daemon' },
];

/** Reports each program that the tests need and this machine does not have. */
export function checkComponents(report) {
  const missing = components.filter(({ probe }) => spawnSync(probe[0], probe.slice(1)).status !== 0);
  for (const { name, without } of missing) lack(report, name, `not installed: ${without}`);
  const noDocker = process.env.RECAC_TEST_DOCKER_HOST ? undefined : missingForDaemon();
  if (noDocker !== undefined) lack(report, 'Docker daemon', `${noDocker}; nothing is tested against Docker`);
  const noBuildx = missingForBuildx();
  if (noBuildx !== undefined) lack(report, 'buildx', `${noBuildx}; builds are tested with the classic builder only`);
  const noCluster = process.env.RECAC_TEST_KUBECONFIG ? undefined : missingForCluster();
  if (noCluster !== undefined) lack(report, 'Kubernetes', `${noCluster}; nothing is tested against Kubernetes`);
  const found = components.filter((component) => !missing.includes(component)).map(({ name }) => name);
  if (missing.length === 0 && [noDocker, noBuildx, noCluster].every((lacking) => lacking === undefined))
    report.pass('components', [...found, 'Docker', 'buildx', 'Kubernetes'].join(', '));
}

function lack(report, name, reason) {
  if (requireAll) report.fail(`component ${name}`, '', reason);
  else report.skip(`component ${name}`, reason);
}
