import type { WebSocket } from 'ws';
import type { ClusterAccess } from '../cluster/cluster-access.ts';

/** One call of the Kubernetes API. */
export interface ApiRequest {
  /** HTTP method. */
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** Path from the server's root, such as `/apis/batch/v1/namespaces/default/jobs`; each part that comes from outside is encoded. */
  readonly path: string;
  /** Query; a list repeats the name. Default: none. */
  readonly query?: Readonly<Record<string, string | readonly string[] | undefined>>;
  /** Body, sent as JSON. Default: none. */
  readonly body?: unknown;
  /** Media type of the body. Default: `application/json`. */
  readonly contentType?: string;
  /** Media type to ask for, such as the one of `PartialObjectMetadataList`. Default: `application/json`. */
  readonly accept?: string;
  /** Longest wait for the whole answer in milliseconds, tries and waits between them included. Default: 30 000. */
  readonly timeoutMs?: number;
  /** Try again after a broken line or a 5xx answer. Default: true for GET, PUT and DELETE. A 429 is always tried again as `Retry-After` says. */
  readonly idempotent?: boolean;
  /** Told each time that the server is too busy (429) and is waited for. Default: nobody. */
  readonly onBusy?: () => void;
  /** Cancels the call. */
  readonly signal: AbortSignal;
}

/** An upgrade of a connection to a WebSocket. */
export interface UpgradeRequest extends Pick<ApiRequest, 'path' | 'query' | 'timeoutMs' | 'signal'> {
  /** Subprotocols, most wanted first; the server takes the first that it knows. */
  readonly protocols: readonly string[];
}

/**
 * Calls of one API server over kept connections, with one limiter, credentials renewed once after a 401, and errors as `RecacError`
 * (see `toApiError`). No client-node in here.
 */
export interface ApiClient {
  /** Where the calls go. */
  readonly access: ClusterAccess;
  /** Sends a request and gives the answer's JSON body. */
  request<Answer>(request: ApiRequest): Promise<Answer>;
  /** As {@link request}, for an answer without end: yields each line of it. Ends when the server ends it; rejects when the line breaks. */
  lines(request: Omit<ApiRequest, 'timeoutMs' | 'idempotent'>): AsyncIterable<string>;
  /** Opens a WebSocket, paused, so that nothing is lost before somebody listens. Errors carry the body of a refused upgrade. */
  upgrade(request: UpgradeRequest): Promise<WebSocket>;
  /** Somebody has found a connection dead without an end: those that wait unused may be as dead, and are not used any more. */
  suspect(): void;
  /** Closes every connection. Idempotent. */
  close(): void;
}
