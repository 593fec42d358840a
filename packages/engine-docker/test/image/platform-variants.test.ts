import { expect, test } from 'vitest';
import { connectDaemon } from '../../src/daemon/connect-daemon.ts';
import { ensureImage } from '../../src/image/ensure-image.ts';
import { ImagePins } from '../../src/image/image-pins.ts';
import { startFakeDaemon } from '../fake-daemon.ts';

const digest = `sha256:${'d'.repeat(64)}`;
const reference = 'registry.test/node:1';

/** What one with containerd's image store is. */
interface Store {
  /** Of the API. */
  readonly version: string;
  /** Architectures that are there. */
  readonly present: readonly string[];
  readonly store?: 'containerd' | 'classic';
}

/** Makes an image present on a daemon whose machine is arm64. Such a daemon shows that variant unless it understands which is asked for (moby `ImageInspect`). */
async function ensureOn({ version, present, store = 'containerd' }: Store, platform: string) {
  const there = new Set(present);
  await using daemon = await startFakeDaemon(version, ({ method, path, query }) => {
    if (path === '/info')
      return {
        json: { DriverStatus: store === 'containerd' ? [['driver-type', 'io.containerd.snapshotter.v1']] : null },
      };
    if (method === 'POST' && path === '/images/create') {
      if (store === 'containerd') there.add(query.get('platform')?.split('/')[1] ?? 'arm64');
      return (response) => response.end(`${JSON.stringify({ status: `Digest: ${digest}` })}\r\n`);
    }
    if (!path.startsWith('/images/') || there.size === 0) return undefined;
    const asked = version >= '1.49' ? query.get('platform') : null;
    const wanted = asked === null ? undefined : (JSON.parse(asked).architecture as string);
    const shown = wanted ?? (there.has('arm64') ? 'arm64' : [...there][0]);
    if (shown === undefined || !there.has(shown)) return undefined;
    return { json: { Id: digest, Os: 'linux', Architecture: shown, RepoDigests: [`registry.test/node@${digest}`] } };
  });
  const { client } = await connectDaemon({ host: daemon.host }, AbortSignal.timeout(10_000));
  try {
    await ensureImage(client, reference, { platform }, new ImagePins());
    return daemon.requests.filter((request) => request.startsWith('POST /images/create')).length;
  } finally {
    client.close();
  }
}

test.each(['1.51', '1.49'])('API %s: another variant that is there beside the own is seen', async (version) => {
  expect(await ensureOn({ version, present: ['arm64', 'amd64'] }, 'linux/amd64')).toBe(0);
});

test.each(['1.51', '1.47'])('API %s: another variant is pulled beside the own', async (version) => {
  expect(await ensureOn({ version, present: ['arm64'] }, 'linux/amd64')).toBe(1);
});

test('the own variant is seen by a daemon that shows no other', async () => {
  expect(await ensureOn({ version: '1.47', present: ['arm64'] }, 'linux/arm64')).toBe(0);
});

test('a daemon with one variant of each image is not believed that it pulled another', async () => {
  const one = { version: '1.47', present: ['arm64'], store: 'classic' } as const;
  await expect(ensureOn(one, 'linux/amd64')).rejects.toMatchObject({ details: { cause: 'wrong-platform' } });
});
