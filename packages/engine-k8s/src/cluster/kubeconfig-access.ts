import { Buffer } from 'node:buffer';
import { readFile } from 'node:fs/promises';
import { RecacError } from '@recac/engine-core';
import type { ClusterAccess, ClusterCredentials } from './cluster-access.ts';
import { type PluginCredential, runCredentialPlugin } from './credential-plugin.ts';
import { toHttpUrl } from './http-url.ts';
import type { ClusterEntry, UserEntry } from './kubeconfig.ts';
import { PluginCredentials } from './plugin-credentials.ts';

/** One context of a kubeconfig, looked up. */
export interface KubeconfigContext {
  /** Name of the context. */
  readonly name: string;
  /** Its namespace, where it names one. */
  readonly namespace?: string;
  /** Its cluster. */
  readonly cluster: ClusterEntry;
  /** Its user. */
  readonly user: UserEntry;
  /** Proxy where the cluster names none. */
  readonly proxy?: URL;
  /** Told each line that a credential plugin says on stderr before it has given the first credentials. Default: nobody is told. */
  readonly onPluginMessage?: (line: string) => void;
  /** Its user as the kubeconfig has it now; undefined when that cannot be read. Default: it never changes. */
  readonly rereadUser?: () => Promise<UserEntry | undefined>;
}

/**
 * A cluster as a context of a kubeconfig describes it. Files that it names are read at every call, and the kubeconfig itself when the server has refused what it held, so
 * certificates and tokens may rotate under it.
 */
export class KubeconfigAccess implements ClusterAccess {
  readonly server: URL;
  readonly contextName: string;
  readonly namespace?: string;
  readonly proxy?: URL;
  readonly #context: KubeconfigContext;
  #user: UserEntry;
  #plugin: PluginCredentials | undefined;

  constructor(context: KubeconfigContext) {
    this.#context = context;
    this.#user = context.user;
    this.server = toHttpUrl(context.cluster.server, { field: 'server', context: context.name });
    this.contextName = context.name;
    if (context.namespace !== undefined) this.namespace = context.namespace;
    const named = context.cluster['proxy-url'];
    const proxy = named === undefined ? context.proxy : toHttpUrl(named, { field: 'proxy-url', context: context.name });
    if (proxy) this.proxy = proxy;
  }

  async credentials({
    signal,
    rejected,
  }: {
    readonly signal: AbortSignal;
    readonly rejected?: ClusterCredentials;
  }): Promise<ClusterCredentials> {
    const { cluster } = this.#context;
    if (rejected) await this.#reread();
    const user = this.#user;
    const [ca, certificate, key, token] = await Promise.all([
      readMaterial(cluster['certificate-authority-data'], cluster['certificate-authority']),
      readMaterial(user['client-certificate-data'], user['client-certificate']),
      readMaterial(user['client-key-data'], user['client-key']),
      user.tokenFile === undefined ? user.token : readText(user.tokenFile).then((text) => text.trim()),
    ]);
    const plugin = user.exec && (await this.#runPlugin(ca, rejected, signal));
    return {
      headers: { ...toAuthorization(user, plugin?.token ?? token), ...toImpersonation(user) },
      ...(ca === undefined ? {} : { ca }),
      ...withValue('certificate', plugin?.certificate ?? certificate),
      ...withValue('key', plugin?.key ?? key),
      ...withValue('serverName', cluster['tls-server-name']),
      ...(cluster['insecure-skip-tls-verify'] ? { insecure: true } : {}),
    };
  }

  #runPlugin(
    ca: string | undefined,
    rejected: ClusterCredentials | undefined,
    signal: AbortSignal,
  ): Promise<PluginCredential> {
    const { cluster, onPluginMessage } = this.#context;
    const authority = ca === undefined ? {} : { authority: Buffer.from(ca).toString('base64') };
    this.#plugin ??= new PluginCredentials(async (ended, { isRenewal }) => {
      const { exec } = this.#user;
      if (!exec) throw new RecacError('RECAC_INTERNAL', 'the user has no credential plugin. Report this.');
      const onMessage = onPluginMessage && { onMessage: onPluginMessage };
      return runCredentialPlugin(exec, { cluster, ...authority, ...onMessage, isRenewal, signal: ended });
    });
    return this.#plugin.get(signal, rejected);
  }

  /** Somebody who logged in again has written a new kubeconfig. */
  async #reread(): Promise<void> {
    const user = await this.#context.rereadUser?.();
    if (user) this.#user = user;
  }
}

function toAuthorization(user: UserEntry, token: string | undefined): Record<string, string> {
  if (token !== undefined && token !== '') return { Authorization: `Bearer ${token}` };
  if (user.username === undefined) return {};
  return { Authorization: `Basic ${Buffer.from(`${user.username}:${user.password ?? ''}`).toString('base64')}` };
}

/** A list is one header for each value: joined by commas it would be one group of that name. */
function toImpersonation(user: UserEntry): Record<string, string | string[]> {
  const extra = Object.entries(user['as-user-extra'] ?? {}).map(([key, values]) => [
    `Impersonate-Extra-${encodeURIComponent(key)}`,
    values,
  ]);
  return {
    ...withValue('Impersonate-User', user.as),
    ...withValue('Impersonate-Uid', user['as-uid']),
    ...(user['as-groups'] ? { 'Impersonate-Group': user['as-groups'] } : {}),
    ...Object.fromEntries(extra),
  };
}

async function readMaterial(data: string | undefined, path: string | undefined): Promise<string | undefined> {
  if (data !== undefined && data !== '') return Buffer.from(data, 'base64').toString('utf8');
  return path === undefined || path === '' ? undefined : readText(path);
}

async function readText(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    const { code = String(error) } = error as NodeJS.ErrnoException;
    throw new RecacError(
      'RECAC_CONFIG_INVALID',
      `the file ${path}, which the kubeconfig names, cannot be read: ${code}. Log in again, or correct the kubeconfig.`,
      {
        cause: error,
        details: { path, rule: code },
      },
    );
  }
}

function withValue<Key extends string>(key: Key, value: string | undefined): { readonly [Name in Key]?: string } {
  return (value === undefined ? {} : { [key]: value }) as { readonly [Name in Key]?: string };
}
