import { RecacError } from '@recac/engine-core';

/** Where an address stands. */
export interface UrlPlace {
  /** The field of the kubeconfig, or the variable. */
  readonly field: string;
  /** The context that it belongs to. Default: none, it is a variable. */
  readonly context?: string;
}

/** Reads an address, of a server or a proxy, that must begin with `http://` or `https://`. Errors: `RECAC_CONFIG_INVALID`, naming where it stands, not what it says: it may hold a password. */
export function toHttpUrl(text: string, { field, context }: UrlPlace): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url && ['http:', 'https:'].includes(url.protocol)) return url;
  const [name, place] = context === undefined ? [field, field] : [`${field} of context ${context}`, 'the kubeconfig'];
  throw new RecacError(
    'RECAC_CONFIG_INVALID',
    `${name} must be an address that begins with http:// or https://. Correct ${place}; other schemes, such as socks5, are not supported.`,
    { details: { field, ...(context === undefined ? {} : { context }) } },
  );
}
