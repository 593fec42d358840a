import { Buffer } from 'node:buffer';
import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import { pipeline, type Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { RecacError } from '@recac/engine-core';

/** Largest answer that is held in memory, in bytes, after unpacking. */
const largestAnswer = 64 * 1_048_576;

/** An answer whose body has not been read. */
export interface ApiAnswer {
  /** HTTP status. */
  readonly status: number;
  /** Headers. */
  readonly headers: IncomingHttpHeaders;
  /** Body, unpacked. */
  readonly body: Readable;
}

/** An answer that was cut off or is not what its headers say. It may be whole the next time. */
export class BrokenAnswerError extends Error {}

/** Takes an answer; its body is unpacked where it is packed. */
export function toApiAnswer(message: IncomingMessage): ApiAnswer {
  const { statusCode: status = 0, headers } = message;
  const encoding = headers['content-encoding'] ?? 'identity';
  if (encoding !== 'gzip') return { status, headers, body: message };
  const unpacked = createGunzip();
  pipeline(message, unpacked, () => {});
  return { status, headers, body: unpacked };
}

/** Reads a body. Errors: {@link BrokenAnswerError}; `RECAC_ENGINE_UNAVAILABLE` beyond the limit. */
export async function readText({ body }: ApiAnswer, limit = largestAnswer): Promise<string> {
  const chunks: Buffer[] = [];
  let length = 0;
  try {
    for await (const chunk of body as AsyncIterable<Buffer>) {
      length += chunk.length;
      if (length > limit) throw tooLarge(limit);
      chunks.push(chunk);
    }
  } catch (error) {
    if (RecacError.isInstance(error)) throw error;
    throw new BrokenAnswerError('its answer broke off or is damaged', { cause: error });
  }
  return Buffer.concat(chunks, length).toString('utf8');
}

/** Milliseconds that the answer asks to wait (`Retry-After`, in seconds or as a date); undefined when it does not. */
export function toRetryAfterMs({ headers }: Pick<ApiAnswer, 'headers'>): number | undefined {
  const value = headers['retry-after'];
  if (value === undefined) return undefined;
  const seconds = Number(value);
  if (Number.isFinite(seconds)) return Math.max(0, seconds * 1_000);
  const at = Date.parse(value);
  const now = Date.parse(headers.date ?? '');
  return Number.isNaN(at) ? undefined : Math.max(0, at - (Number.isNaN(now) ? Date.now() : now));
}

function tooLarge(limit: number): RecacError {
  return new RecacError(
    'RECAC_ENGINE_UNAVAILABLE',
    `the API server's answer is larger than ${limit / 1_048_576} MiB. Ask for less, or see what answers at the server's address.`,
    { details: { reason: 'TooLarge', limit } },
  );
}
