/** What one connection to the API server needs. */
export interface ClusterCredentials {
  /** Request headers, `Authorization` among them; several values are sent as several headers. Never shown. */
  readonly headers: Readonly<Record<string, string | string[]>>;
  /** Certificate authority, in PEM. Default: Node's own. */
  readonly ca?: string;
  /** Client certificate, in PEM. Default: none. */
  readonly certificate?: string;
  /** Key of the client certificate, in PEM. Never shown. Default: none. */
  readonly key?: string;
  /** Name that the server's certificate must have, where it is not the host of the address (`tls-server-name`). */
  readonly serverName?: string;
  /** The server's certificate is not checked (`insecure-skip-tls-verify`). Default: false. */
  readonly insecure?: boolean;
}

/**
 * A cluster as a kubeconfig, or the service account of a pod, describes it. Knows who we are and where the API server is; opens no connection of its own
 * but those of credential plugins.
 */
export interface ClusterAccess {
  /** Address of the API server, a path prefix such as Rancher's included. */
  readonly server: URL;
  /** Name of the context; `in-cluster` inside a pod. */
  readonly contextName: string;
  /** Namespace of the context, where it names one. */
  readonly namespace?: string;
  /** Proxy to go through: `proxy-url` of the cluster, else `HTTPS_PROXY` where `NO_PROXY` does not except the server. Default: none. */
  readonly proxy?: URL;
  /**
   * Credentials as of now: token files are read again, plugins run when their credential is about to expire, one at a time. With `rejected`, what the
   * server answered 401 to is renewed first. Errors: `RECAC_ENGINE_UNAVAILABLE`, `RECAC_PERMISSION_DENIED`.
   */
  credentials(options: {
    readonly signal: AbortSignal;
    readonly rejected?: ClusterCredentials;
  }): Promise<ClusterCredentials>;
}
