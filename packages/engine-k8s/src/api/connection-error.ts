import { type ErrorCode, RecacError } from '@recac/engine-core';
import type { ClusterAccess } from '../cluster/cluster-access.ts';
import { toServerWords } from './server-words.ts';

interface Problem {
  readonly text: string;
  readonly nextStep: string;
  readonly code?: ErrorCode;
}

const unknownAuthority: Problem = {
  text: 'its certificate is of an authority that this machine does not know',
  nextStep: 'Set certificate-authority of the cluster in the kubeconfig',
};
const clientRefused: Problem = {
  text: 'it does not accept the client certificate',
  nextStep: 'Renew the client certificate in the kubeconfig',
  code: 'RECAC_PERMISSION_DENIED',
};
const noTls: Problem = {
  text: 'it does not speak TLS on this port',
  nextStep: 'Correct the scheme or the port of the server in the kubeconfig',
};
const notHttp: Problem = {
  text: 'what answers there does not speak HTTP',
  nextStep: 'Correct the scheme or the port of the server in the kubeconfig',
};
const cut: Problem = { text: 'the connection was cut', nextStep: 'Try again' };
const noRoute: Problem = { text: 'there is no way to it', nextStep: 'Check the network, the VPN and the proxy' };

const problems: Readonly<Record<string, Problem>> = {
  ECONNREFUSED: {
    text: 'nothing listens there',
    nextStep: 'Start the cluster, or correct the server of the context',
  },
  ENOTFOUND: { text: 'its name is unknown', nextStep: 'Check the address, the DNS and the VPN' },
  EAI_AGAIN: { text: 'its name cannot be looked up now', nextStep: 'Check the DNS, the network and the VPN' },
  EAI_FAIL: { text: 'its name cannot be looked up', nextStep: 'Check the DNS, the network and the VPN' },
  EHOSTUNREACH: noRoute,
  ENETUNREACH: noRoute,
  EADDRNOTAVAIL: noRoute,
  ETIMEDOUT: { text: 'no connection in time', nextStep: 'Check the network, the VPN, the firewall and the proxy' },
  ECONNRESET: cut,
  EPIPE: cut,
  ECONNABORTED: cut,
  CERT_HAS_EXPIRED: {
    text: 'its certificate has expired',
    nextStep: "Renew the server's certificate; if it is new, correct the clock of this machine",
  },
  CERT_NOT_YET_VALID: {
    text: 'its certificate is not valid yet',
    nextStep: 'Correct the clock of this machine or of the server',
  },
  DEPTH_ZERO_SELF_SIGNED_CERT: unknownAuthority,
  SELF_SIGNED_CERT_IN_CHAIN: unknownAuthority,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: unknownAuthority,
  UNABLE_TO_GET_ISSUER_CERT: unknownAuthority,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: unknownAuthority,
  CERT_SIGNATURE_FAILURE: unknownAuthority,
  ERR_TLS_CERT_ALTNAME_INVALID: {
    text: 'its certificate is for another name',
    nextStep: 'Use a name that the certificate has, or set tls-server-name in the kubeconfig',
  },
  EPROTO: noTls,
  ERR_SSL_WRONG_VERSION_NUMBER: noTls,
  ERR_SSL_PACKET_LENGTH_TOO_LONG: noTls,
};

/** The error for a call that got no answer. Errors that are ours already pass through. */
export function toConnectionError(error: unknown, what: string, access: ClusterAccess): RecacError {
  if (RecacError.isInstance(error)) return error;
  const { code = '', message = String(error) } = error as { readonly code?: string; readonly message?: string };
  const { text, nextStep, code: errorCode = 'RECAC_ENGINE_UNAVAILABLE' } = toProblem(code, message);
  const { origin } = access.server;
  const through = access.proxy === undefined ? '' : ` through the proxy ${access.proxy.host}`;
  return new RecacError(
    errorCode,
    `could not ${what}: no answer of the API server at ${origin}${through}: ${text}. ${nextStep} (context "${toServerWords(access.contextName)}").`,
    { cause: error, details: { reason: code === '' ? 'unknown' : code, server: origin, tried: [origin] } },
  );
}

/** True for a connection that broke: it may be better the next time. */
export function isBrokenConnection(error: unknown): boolean {
  const { code } = error as { readonly code?: string };
  return code === 'ECONNRESET' || code === 'EPIPE' || code === 'ECONNABORTED' || code === 'ETIMEDOUT';
}

/** True when no connection came about: nothing was asked yet. */
export function isRefusedConnection(error: unknown): boolean {
  const { code } = error as { readonly code?: string };
  return code === 'ECONNREFUSED' || code === 'EHOSTUNREACH' || code === 'ENETUNREACH' || code === 'EAI_AGAIN';
}

function toProblem(code: string, message: string): Problem {
  const known = problems[code];
  if (known !== undefined) return known;
  if (code.startsWith('HPE_')) return notHttp;
  if (code.startsWith('ERR_SSL_') && code.includes('_ALERT_') && /CERT|UNKNOWN_CA|ACCESS_DENIED/.test(code))
    return clientRefused;
  return { text: toServerWords(message), nextStep: 'Check the address of the cluster and the network' };
}
