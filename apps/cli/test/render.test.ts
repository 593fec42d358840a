import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type CliWorld, createCliWorld } from './cli-process.ts';

const kubeconfig = `apiVersion: v1
kind: Config
current-context: nowhere
contexts: [{ name: nowhere, context: { cluster: nowhere, user: nobody } }]
clusters: [{ name: nowhere, cluster: { server: "https://127.0.0.1:1" } }]
users: [{ name: nobody, user: { token: none } }]
`;
const flags = [
  'render',
  '--backend',
  'kubernetes',
  '--image',
  'busybox',
  '--sync',
  'none',
  '--name',
  'shown',
  '--json',
];

let world: CliWorld;
beforeAll(async () => {
  world = await createCliWorld();
  await writeFile(join(world.project, 'kubeconfig'), kubeconfig);
});
afterAll(() => world[Symbol.asyncDispose]());

const render = (...more: readonly string[]) => world.run([...flags, '--kubeconfig', 'kubeconfig', ...more]);

// No issue number: a review found that a default lease was shown, which recac start does not set, and that --checkpoint was taken and left out.
test('render shows what recac start creates: a lease only where one is set, and no checkpoint', async () => {
  expect(await render()).toMatchObject({ code: 0, stdout: expect.not.stringContaining('recac.dev/lease') });
  expect((await render('--lease', '1h')).stdout).toContain('"recac.dev/lease":"3600000"');
  expect(await render('--checkpoint', '5m')).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('--checkpoint cannot be kept'),
  });
});

// No issue number: a review found that render was called exact, and left out what a start looks up.
test('render says on stderr what a start would add that only the cluster can tell', async () => {
  const onClaim = flags.map((flag) => (flag === 'none' ? 'pvc' : flag));
  const { stderr } = await world.run([
    ...onClaim,
    '--kubeconfig',
    'kubeconfig',
    '--network',
    'internet',
    '--pvc',
    'work',
  ]);
  expect(stderr).toMatch(/claim work .*node affinity/);
  expect(stderr).toMatch(/addresses of the API server/);
  expect(stderr).toMatch(/owner of the NetworkPolicy/);
  const open = await render('--network', 'open', '--quiet');
  expect(open).toMatchObject({ code: 0, stderr: '' });
  expect((await render('--network', 'none')).stderr).not.toContain('addresses');
});
