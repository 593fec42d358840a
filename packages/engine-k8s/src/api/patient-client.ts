import { delay } from '@recac/engine-kit';
import type { ApiClient, ApiRequest } from './api-client.ts';
import { toApiStatus } from './api-error.ts';

/** The client itself waits as `Retry-After` says: this only keeps one that is asked to wait longer than a call may take from asking on and on. */
const pauseMs = 1_000;
const message =
  'waiting: the API server is too busy and asks to wait. Start fewer environments at a time, or ask who runs the cluster.';

/** The same client for a start: a server that is too busy (429) is waited for until the signal of a request fires, not until its limit passes. `onWait`: told so. */
export function toPatientClient(client: ApiClient, onWait: (message: string) => void): ApiClient {
  const onBusy = (): void => onWait(message);
  return {
    access: client.access,
    request: async <Answer>(request: ApiRequest): Promise<Answer> => {
      for (;;) {
        try {
          return await client.request<Answer>({ ...request, onBusy });
        } catch (error) {
          if (toApiStatus(error) !== 429) throw error;
          onBusy();
          await delay(pauseMs, request.signal);
        }
      }
    },
    lines: (request) => client.lines(request),
    upgrade: (request) => client.upgrade(request),
    suspect: () => client.suspect(),
    close: () => client.close(),
  };
}
