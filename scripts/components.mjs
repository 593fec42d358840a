import { spawnSync } from 'node:child_process';

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
];

/** Reports each program that the tests need and this machine does not have. */
export function checkComponents(report) {
  const missing = components.filter(({ probe }) => spawnSync(probe[0], probe.slice(1)).status !== 0);
  for (const { name, without } of missing) {
    if (requireAll) report.fail(`component ${name}`, '', `not installed: ${without}`);
    else report.skip(`component ${name}`, `not installed, so ${without}`);
  }
  const found = components.filter((component) => !missing.includes(component)).map(({ name }) => name);
  if (missing.length === 0) report.pass('components', found.join(', '));
}
