import { Buffer } from 'node:buffer';
import type { DaemonClient } from '../daemon/daemon-client.ts';
import { readDaemonTime } from '../daemon/daemon-time.ts';

const lookBackSeconds = 3_600;

interface ContainerEvent {
  readonly Action?: string;
  readonly Actor?: { readonly Attributes?: Readonly<Record<string, string>> };
}

/** Why a container of ours is gone, from the events that the daemon remembers (the last 256), in a sentence; undefined when it tells nothing. */
export async function explainEnd(client: DaemonClient, id: string, signal: AbortSignal): Promise<string | undefined> {
  // The end of the container may be told a moment after that of its streams.
  const until = Math.ceil((await readDaemonTime(client, signal)) / 1_000) + 1;
  const filters = { container: [id], event: ['die', 'oom', 'kill', 'destroy'] };
  const text = await client.call(
    'looking for the end of the environment',
    async (abortSignal) =>
      readAll(await client.docker.getEvents({ since: until - lookBackSeconds, until, filters, abortSignal })),
    { signal },
  );
  return explain(
    text
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as ContainerEvent),
  );
}

function explain(events: readonly ContainerEvent[]): string | undefined {
  const at = events.findIndex(({ Action }) => Action === 'die');
  if (at < 0) return events.length > 0 ? 'the environment was removed' : undefined;
  const code = events[at]?.Actor?.Attributes?.exitCode ?? 'unknown';
  // One that comes earlier may have hit a command only.
  if (events[at - 1]?.Action === 'oom' && code === '137')
    return 'the environment was killed because it used more memory than its limit (OOMKilled)';
  const wasKilled = events.some(({ Action }) => Action === 'kill');
  if (wasKilled) return `the environment was stopped or killed from outside (exit code ${code})`;
  if (code === '143') return 'the lease of the environment ran out, or its main process was killed from inside';
  return `the main process of the environment ended (exit code ${code})`;
}

async function readAll(stream: NodeJS.ReadableStream): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(Buffer.from(chunk));
  return Buffer.concat(chunks).toString('utf8');
}
