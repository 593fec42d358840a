import { execFile } from 'node:child_process';
import { RecacError } from '@recac/engine-core';
import type { ClusterEntry, PluginEntry } from './kubeconfig.ts';

/** What a credential plugin gave. */
export interface PluginCredential {
  /** Bearer token. */
  readonly token?: string;
  /** Client certificate, in PEM. */
  readonly certificate?: string;
  /** Its key, in PEM. */
  readonly key?: string;
  /** When it ends, in milliseconds since 1970. Default: with this process. */
  readonly expiresAt?: number;
}

/** What a plugin is told of the cluster. */
export interface PluginCluster {
  /** The cluster. */
  readonly cluster: ClusterEntry;
  /** Certificate authority, base64 as in a kubeconfig. */
  readonly authority?: string;
}

const timeoutMs = 30_000;
const largestAnswer = 1_048_576;

interface ExecCredential {
  readonly kind?: string;
  readonly status?: {
    readonly token?: string;
    readonly clientCertificateData?: string;
    readonly clientKeyData?: string;
    readonly expirationTimestamp?: string;
  };
}

/** Runs a credential plugin (client.authentication.k8s.io) once, without a terminal. Errors: `RECAC_PERMISSION_DENIED` with what it said on stderr. */
export async function runCredentialPlugin(
  plugin: PluginEntry,
  { cluster, authority }: PluginCluster,
  signal: AbortSignal,
): Promise<PluginCredential> {
  const info = {
    apiVersion: plugin.apiVersion,
    kind: 'ExecCredential',
    spec: {
      interactive: false,
      ...(plugin.provideClusterInfo
        ? {
            cluster: {
              server: cluster.server,
              ...(authority === undefined ? {} : { 'certificate-authority-data': authority }),
            },
          }
        : {}),
    },
  };
  const env = {
    ...process.env,
    ...Object.fromEntries((plugin.env ?? []).map(({ name, value }) => [name, value])),
    KUBERNETES_EXEC_INFO: JSON.stringify(info),
  };
  const stdout = await run(plugin, env, signal);
  return readCredential(stdout, plugin);
}

function run(plugin: PluginEntry, env: NodeJS.ProcessEnv, signal: AbortSignal): Promise<string> {
  return new Promise((resolve, reject) => {
    const options = { env, signal, timeout: timeoutMs, killSignal: 'SIGKILL', maxBuffer: largestAnswer } as const;
    const child = execFile(plugin.command, plugin.args ?? [], options, (error, stdout, stderr) => {
      if (error === null) resolve(stdout);
      else if (signal.aborted) reject(signal.reason);
      else reject(explain(plugin, error, stderr));
    });
    child.stdin?.end();
  });
}

function readCredential(stdout: string, plugin: PluginEntry): PluginCredential {
  let answer: ExecCredential | undefined;
  try {
    answer = JSON.parse(stdout) as ExecCredential;
  } catch {
    answer = undefined;
  }
  const status = answer?.status;
  if (answer?.kind !== 'ExecCredential' || (status?.token === undefined && status?.clientCertificateData === undefined))
    throw denied(plugin, 'it gave no ExecCredential');
  const expiresAt = status.expirationTimestamp === undefined ? Number.NaN : Date.parse(status.expirationTimestamp);
  return {
    ...(status.token === undefined ? {} : { token: status.token }),
    ...(status.clientCertificateData === undefined ? {} : { certificate: status.clientCertificateData }),
    ...(status.clientKeyData === undefined ? {} : { key: status.clientKeyData }),
    ...(Number.isNaN(expiresAt) ? {} : { expiresAt }),
  };
}

function explain(plugin: PluginEntry, error: Error & { code?: unknown; killed?: boolean }, stderr: string): RecacError {
  if (error.code === 'ENOENT') return denied(plugin, `it is not installed. ${plugin.installHint ?? 'Install it'}`);
  if (error.killed) return denied(plugin, `it gave no answer within ${timeoutMs} ms`);
  const said = stderr
    .replaceAll(/[^\P{C}\n]/gu, '')
    .trim()
    .slice(-500);
  return denied(plugin, said === '' ? `it ended with ${String(error.code)}` : said);
}

function denied(plugin: PluginEntry, reason: string): RecacError {
  return new RecacError(
    'RECAC_PERMISSION_DENIED',
    `the credential plugin ${plugin.command} of the kubeconfig gave no credentials: ${reason}. Run it by hand to see why.`,
    { details: { command: plugin.command, reason } },
  );
}
