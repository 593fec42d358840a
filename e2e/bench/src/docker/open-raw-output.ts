// biome-ignore lint/style/noRestrictedImports: the raw path has no public name before synchronization uses it.
import { DockerDriver } from '../../../../packages/engine-docker/src/docker-driver.ts';
import { dockerHost } from './docker-peer.ts';

/** The output of a process without a record. */
export interface RawOutput extends AsyncDisposable {
  /** What it writes. */
  readonly stdout: AsyncIterable<Uint8Array>;
}

/** Opens a process as synchronization will: over the driver. */
export async function openRawOutput(id: string, argv: readonly string[]): Promise<RawOutput> {
  const { signal } = new AbortController();
  const driver = new DockerDriver({ host: dockerHost, hardening: 'full' });
  await driver.connect({ signal });
  const process = await driver.openProcess(id, { argv }, { signal });
  process.stdin.end();
  process.stderr.resume();
  return {
    stdout: process.stdout,
    [Symbol.asyncDispose]: async () => {
      process.close();
      await driver.close();
    },
  };
}
