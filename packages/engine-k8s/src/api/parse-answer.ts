import { RecacError } from '@recac/engine-core';
import { type ApiAnswer, BrokenAnswerError } from './api-answer.ts';
import type { ApiRequest } from './api-client.ts';
import { toApiError } from './api-error.ts';
import { isFailure } from './api-status.ts';
import { describeRequest } from './request-target.ts';
import { toServerWords } from './server-words.ts';

/** The JSON of a whole answer. Errors: those of {@link toApiError}; `BrokenAnswerError` when it is damaged. */
export function parseAnswer({ status, headers }: ApiAnswer, text: string, request: ApiRequest): unknown {
  if (status >= 300 && status < 400) throw redirected(status, headers.location, request);
  if (status < 200 || status > 299) throw toApiError(status, text, request);
  if (status === 204) return undefined;
  const value = parse(text, headers['content-type'], request);
  if (isFailure(value)) throw toApiError(typeof value.code === 'number' ? value.code : 500, text, request);
  return value;
}

function parse(text: string, contentType: string | undefined, request: ApiRequest): unknown {
  if (/^\s*</.test(text)) throw foreign(contentType, request);
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new BrokenAnswerError(text === '' ? 'its answer is empty' : 'its answer is no JSON', { cause });
  }
}

/** Credentials go to the API server and to nobody else, so no redirect is followed. */
function redirected(status: number, location: string | undefined, request: ApiRequest): RecacError {
  const target =
    location === undefined || !URL.canParse(location) ? '' : ` to ${toServerWords(new URL(location).origin)}`;
  return new RecacError(
    'RECAC_ENGINE_UNAVAILABLE',
    `could not ${describeRequest(request)}: the server sends us elsewhere${target} (${status}), which is not followed. Put the address of the API server itself into the kubeconfig.`,
    { details: { status, reason: 'Redirect' } },
  );
}

function foreign(contentType: string | undefined, request: ApiRequest): RecacError {
  return new RecacError(
    'RECAC_ENGINE_UNAVAILABLE',
    `could not ${describeRequest(request)}: the answer is a web page (${toServerWords(contentType ?? 'no type')}), not the Kubernetes API. Correct the server of the context, or log in to the network.`,
    { details: { reason: 'NotKubernetes' } },
  );
}
