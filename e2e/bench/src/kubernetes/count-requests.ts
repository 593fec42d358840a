import diagnosticsChannel from 'node:diagnostics_channel';
import type { ClientRequest } from 'node:http';

const channel = 'http.client.request.start';

/** Counts the HTTP requests that this process sends while something runs, by method: those that become WebSockets and watches too. */
export async function countRequests(run: () => Promise<void>): Promise<Readonly<Record<string, number>>> {
  const counts: Record<string, number> = {};
  const count = (message: unknown): void => {
    const { method, path } = (message as { readonly request: ClientRequest }).request;
    const what = path.includes('watch=true') ? 'WATCH' : path.includes('/exec?') ? 'EXEC' : method;
    counts[what] = (counts[what] ?? 0) + 1;
  };
  diagnosticsChannel.subscribe(channel, count);
  try {
    await run();
    return counts;
  } finally {
    diagnosticsChannel.unsubscribe(channel, count);
  }
}
