import { invalidArgument } from '@recac/engine-core';

/** A port of this machine and the port in the environment that it leads to. */
export interface PortPair {
  /** 0: any free one. */
  readonly localPort: number;
  /** 1 to 65 535. */
  readonly remotePort: number;
}

/** A pair in kubectl's spelling: `80`, `8080:80`, `:80`, `0:80`. Errors: `RECAC_INVALID_ARGUMENT`. */
export function parsePortPair(text: string): PortPair {
  const match = /^(?:(\d{0,5}):)?(\d{1,5})$/.exec(text);
  const remotePort = Number(match?.[2]);
  const localPort = match?.[1] === undefined ? remotePort : Number(match[1]);
  if (match === null || remotePort < 1 || remotePort > 65_535 || localPort > 65_535)
    throw invalidArgument(
      'port',
      'must be REMOTE, LOCAL:REMOTE or :REMOTE with numbers up to 65535',
      `It is ${JSON.stringify(text)}.`,
    );
  return { localPort, remotePort };
}
