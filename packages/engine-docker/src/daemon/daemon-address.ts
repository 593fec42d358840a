/** TLS material of a daemon that listens on TCP, as PEM text. */
export interface DaemonTls {
  /** Certificates of the authorities to trust. Default: Node's. */
  readonly ca?: string;
  /** The client's certificate. */
  readonly cert?: string;
  /** The client's key. */
  readonly key?: string;
  /** Check the daemon's certificate. Default: true. */
  readonly verify?: boolean;
}

/** Where a daemon is and how it was found. */
export interface DaemonAddress {
  /** As in DOCKER_HOST: `unix:///var/run/docker.sock`, `tcp://host:2376`, `ssh://user@host`. Holds no password. */
  readonly host: string;
  /** Present where the connection is encrypted. */
  readonly tls?: DaemonTls;
  /** What named it, in words: `DOCKER_HOST`, `context rootless`, `default`. */
  readonly source: string;
}
