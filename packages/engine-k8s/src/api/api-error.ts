import { type ErrorCode, RecacError } from '@recac/engine-core';
import type { ApiRequest } from './api-client.ts';
import { type ApiStatus, readApiStatus } from './api-status.ts';
import { describeRequest, type RequestTarget, toRequestTarget } from './request-target.ts';

/** The call that failed, as far as an error names it. */
export type FailedRequest = Pick<ApiRequest, 'path' | 'query'> & Partial<Pick<ApiRequest, 'method' | 'body'>>;

interface Explanation {
  readonly code: ErrorCode;
  readonly text: string;
  readonly facts?: Readonly<Record<string, unknown>>;
}

const rightRefused = /forbidden: User ".*" cannot /;
const rightMissing = /cannot (\S+) resource "([^"]+)"/;
const namespaceMissing = /^namespaces "([^"]+)" not found$/;

/**
 * The error for an answer that says no. `details` has `status` (HTTP), `reason` (Kubernetes' word), `message` (the server's words), `causes`, and the
 * `verb`, `resource` and `namespace` that were asked for. 401 and 403 are `RECAC_PERMISSION_DENIED`; 400, 413 and 422 `RECAC_INVALID_ARGUMENT`; 404 of a Job or
 * Pod `RECAC_ENVIRONMENT_NOT_FOUND`; 409 `RECAC_ENVIRONMENT_CONFLICT`; the rest `RECAC_ENGINE_UNAVAILABLE`.
 */
export function toApiError(status: number, body: string, request: FailedRequest): RecacError {
  const answer = readApiStatus(status, body);
  const { verb, resource, namespace } = toRequestTarget(request);
  const { code, text, facts } = explain(answer, request);
  const details = {
    status: answer.status,
    ...(answer.reason === undefined ? {} : { reason: answer.reason }),
    message: answer.message,
    causes: answer.causes,
    verb,
    resource,
    ...(namespace === undefined ? {} : { namespace }),
    ...facts,
  };
  return new RecacError(code, text, { details });
}

/** HTTP status in an error of {@link toApiError}; undefined when there was no answer. */
export function toApiStatus(error: unknown): number | undefined {
  const status = RecacError.isInstance(error) ? error.details.status : undefined;
  return typeof status === 'number' ? status : undefined;
}

function explain(answer: ApiStatus, request: FailedRequest): Explanation {
  const what = describeRequest(request);
  const words = answer.message === '' ? '' : `: ${answer.message}`;
  switch (answer.status) {
    case 401:
      return {
        code: 'RECAC_PERMISSION_DENIED',
        text: `not authenticated: the API server does not accept the credentials of this context${words}. Log in again, or renew the token or certificate in the kubeconfig.`,
      };
    case 403:
      return explainForbidden(answer, request);
    case 404:
      return explainMissing(answer, what, toRequestTarget(request));
    case 409:
      return {
        code: 'RECAC_ENVIRONMENT_CONFLICT',
        text: `could not ${what}${words || ': somebody else changed it'}. Read it again, or choose another name.`,
      };
    case 410:
      return { code: 'RECAC_ENGINE_UNAVAILABLE', text: `could not ${what}: too old${words}. List again.` };
    case 400:
    case 413:
    case 422:
      return explainInvalid(answer, what);
    case 429:
      return {
        code: 'RECAC_ENGINE_UNAVAILABLE',
        text: `could not ${what}: the API server is too busy and asked to wait longer than this call may take${words}. Try again later, or with fewer environments at a time.`,
      };
    default:
      return {
        code: 'RECAC_ENGINE_UNAVAILABLE',
        text: `could not ${what}: the API server, or a proxy before it, answered ${answer.status}${words}. Try again; if it stays, look at the API server's log.`,
      };
  }
}

/** Quota, PodSecurity, admission webhooks and proxies answer 403 too: only the authorizer's own words mean a missing right. */
function explainForbidden({ message, reason }: ApiStatus, request: FailedRequest): Explanation {
  const what = describeRequest(request);
  const { group, resource, namespace, verb } = toRequestTarget(request);
  if (!rightRefused.test(message)) {
    const words = message === '' ? 'it gives no reason' : message;
    const [who, next, refusedBy] =
      reason === undefined
        ? ['a proxy before the API server refuses it (403)', 'Ask who runs that proxy', 'proxy']
        : [
            "the cluster's admission rules refuse it",
            'Change what the rule names, or ask who runs the cluster',
            'admission',
          ];
    return {
      code: 'RECAC_PERMISSION_DENIED',
      text: `could not ${what}: ${who}: ${words}. ${next}.`,
      facts: { refusedBy },
    };
  }
  const [, deniedVerb = verb, deniedResource = resource] = rightMissing.exec(message) ?? [];
  const verbs = resource === 'pods/exec' || resource === 'pods/portforward' ? ['get', 'create'] : [deniedVerb];
  const rule = `{apiGroups: [${JSON.stringify(group)}], resources: [${JSON.stringify(deniedResource)}], verbs: ${JSON.stringify(verbs)}}`;
  const where = namespace === undefined ? '' : ` in namespace "${namespace}"`;
  const text = `no right to ${deniedVerb} ${deniedResource}${where}. Add this rule to the Role of the user: ${rule}. The server says: ${message.replace(/[.\s]+$/, '')}.`;
  return {
    code: 'RECAC_PERMISSION_DENIED',
    text,
    facts: { verb: deniedVerb, resource: deniedResource, rule, refusedBy: 'authorization' },
  };
}

function explainMissing({ message, reason }: ApiStatus, what: string, target: RequestTarget): Explanation {
  if (reason === undefined) {
    const text = `could not ${what}: there is no such API at this address${message === '' ? '' : ` (${message})`}. Correct the server of the context, or update the cluster.`;
    return { code: 'RECAC_ENGINE_UNAVAILABLE', text };
  }
  const kind = target.resource.split('/')[0];
  const [, namespace] = namespaceMissing.exec(message) ?? [];
  if (namespace !== undefined) {
    const text = `the namespace ${namespace} does not exist in the cluster. Make it with kubectl create namespace ${namespace}, or name another with --namespace or kubernetes.namespace.`;
    return { code: 'RECAC_ENGINE_UNAVAILABLE', text };
  }
  const isEnvironment = target.name !== undefined && (kind === 'jobs' || kind === 'pods');
  return {
    code: isEnvironment ? 'RECAC_ENVIRONMENT_NOT_FOUND' : 'RECAC_ENGINE_UNAVAILABLE',
    text: `could not ${what}: ${message === '' ? 'it does not exist' : message}. Check the name and the namespace.`,
  };
}

function explainInvalid({ message, causes }: ApiStatus, what: string): Explanation {
  const field = causes.find((cause) => cause.field !== undefined)?.field;
  const rules = causes.map((cause) => `${cause.field ?? 'the object'}: ${cause.message ?? cause.reason ?? 'is wrong'}`);
  const rule = rules.length > 0 ? rules.join('; ') : message || 'the API server gave no reason';
  return {
    code: 'RECAC_INVALID_ARGUMENT',
    text: `could not ${what}: ${rule}. Correct what is named.`,
    facts: { rule, ...(field === undefined ? {} : { field }) },
  };
}
