import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { expect, test, vi } from 'vitest';
import { buildImage } from '../../src/build/build-image.ts';
import { connectDaemon } from '../../src/daemon/connect-daemon.ts';
import { startFakeDaemon } from '../fake-daemon.ts';

const digest = (letter: string): string => `sha256:${letter.repeat(64)}`;
const [config, manifest] = [digest('c'), digest('d')];

/** As buildx does with attestations off: the file for the id has the configuration's digest (docker/buildx#3952). */
const script = `#!/bin/sh
while [ $# -gt 0 ]; do
  case $1 in
    --iidfile) printf %s ${config} >"$2" ;;
    --metadata-file) echo '{"containerimage.config.digest":"${config}","containerimage.digest":"${manifest}"}' >"$2" ;;
  esac
  shift
done
`;

test.each([
  ['containerd', manifest],
  ['classic', config],
])('an image that buildx made has the id that the daemon knows it by (%s)', async (_store, known) => {
  const directory = await mkdtemp(join(tmpdir(), 'recac-digest-'));
  await using daemon = await startFakeDaemon('1.51', ({ method, path }) => {
    if (!path.startsWith(`/images/${known}/`)) return undefined;
    return method === 'POST' ? { status: 201, json: {} } : { json: { Id: known } };
  });
  const { client } = await connectDaemon({ host: daemon.host }, AbortSignal.timeout(10_000));
  try {
    await writeFile(join(directory, 'docker'), script, { mode: 0o755 });
    await writeFile(join(directory, 'Dockerfile'), 'FROM scratch\n');
    vi.stubEnv('PATH', `${directory}:${process.env.PATH}`);
    expect(await buildImage(client, { context: directory, tag: 'made:1' })).toBe(known);
    expect(daemon.requests.filter((request) => request.startsWith('POST'))).toEqual([
      expect.stringContaining(`/images/${known}/tag`),
    ]);
  } finally {
    vi.unstubAllEnvs();
    client.close();
    await rm(directory, { recursive: true });
  }
});
