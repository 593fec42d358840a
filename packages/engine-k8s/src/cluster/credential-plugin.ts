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

/** How long a plugin may take, in milliseconds. */
export interface PluginLimits {
  /** One that has said nothing, says that it needs nobody (`interactiveMode: Never`), or renews. Default: 30 000. */
  readonly silentMs: number;
  /** One that has said something on stderr, such as where to log in, and waits for somebody to do that. Default: 300 000. */
  readonly waitingMs: number;
}

/** What a plugin is run with beside its own entry. */
export interface PluginOptions extends PluginCluster {
  /** Told each line that it says on stderr while it runs, unless it renews. Default: nobody is told. */
  readonly onMessage?: (line: string) => void;
  /** It gave credentials before: nobody waits to log in, and what it says is only for its error. Default: false. */
  readonly isRenewal?: boolean;
  /** How long it may take. */
  readonly limits?: PluginLimits;
  /** Ends it. */
  readonly signal: AbortSignal;
}

const defaultLimits: PluginLimits = { silentMs: 30_000, waitingMs: 300_000 };
const largestAnswer = 1_048_576;
const longestLine = 4_096;
/** Most of what a plugin said that an error repeats, in characters. */
const shownText = 500;

interface ExecCredential {
  readonly kind?: string;
  readonly status?: {
    readonly token?: string;
    readonly clientCertificateData?: string;
    readonly clientKeyData?: string;
    readonly expirationTimestamp?: string;
  };
}

/**
 * Runs a credential plugin (client.authentication.k8s.io) once, without a terminal: it can ask nothing, but what it says is told at once, so that a person can log in elsewhere.
 * Its stdout, which has the secret, is told to nobody. Errors: `RECAC_PERMISSION_DENIED` with what it said on stderr.
 */
export async function runCredentialPlugin(
  plugin: PluginEntry,
  { cluster, authority, ...options }: PluginOptions,
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
  const stdout = await run(plugin, env, options);
  return readCredential(stdout, plugin);
}

function run(
  plugin: PluginEntry,
  env: NodeJS.ProcessEnv,
  { onMessage = () => {}, isRenewal = false, limits = defaultLimits, signal }: Omit<PluginOptions, keyof PluginCluster>,
): Promise<string> {
  const late = new AbortController();
  let limitMs = limits.silentMs;
  const giveUp = (): void => late.abort();
  let timer = setTimeout(giveUp, limitMs);
  const lines = new StringLines((line) => {
    if (isRenewal) return;
    if (plugin.interactiveMode !== 'Never' && limitMs !== limits.waitingMs) {
      clearTimeout(timer);
      limitMs = limits.waitingMs;
      timer = setTimeout(giveUp, limitMs);
    }
    onMessage(line);
  });
  const ended = AbortSignal.any([signal, late.signal]);
  return new Promise<string>((resolve, reject) => {
    const options = { env, signal: ended, killSignal: 'SIGKILL', maxBuffer: largestAnswer } as const;
    const child = execFile(plugin.command, plugin.args ?? [], options, (error, stdout, stderr) => {
      if (error === null) resolve(stdout);
      else if (signal.aborted) reject(signal.reason);
      else reject(late.signal.aborted ? tookTooLong(plugin, limitMs, stderr) : explain(plugin, error, stderr));
    });
    child.stdin?.end();
    child.stderr?.on('data', (text: string) => lines.add(text));
  }).finally(() => {
    lines.end();
    clearTimeout(timer);
  });
}

/** Makes lines of pieces of text, without what a terminal would take for a command. */
class StringLines {
  readonly #onLine: (line: string) => void;
  #rest = '';

  constructor(onLine: (line: string) => void) {
    this.#onLine = onLine;
  }

  add(text: string): void {
    const lines = `${this.#rest}${text}`.split('\n');
    this.#rest = lines.pop()?.slice(-longestLine) ?? '';
    for (const line of lines) this.#tell(line);
  }

  end(): void {
    this.#tell(this.#rest);
    this.#rest = '';
  }

  #tell(line: string): void {
    const plain = toPlain(line);
    if (plain !== '') this.#onLine(plain);
  }
}

function toPlain(text: string): string {
  return text.replaceAll(/[^\P{C}\n]/gu, '').trim();
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

function explain(plugin: PluginEntry, error: Error & { code?: unknown }, stderr: string): RecacError {
  if (error.code === 'ENOENT') return denied(plugin, `it is not installed. ${plugin.installHint ?? 'Install it'}`);
  const said = toPlain(stderr).slice(-shownText);
  return denied(plugin, said === '' ? `it ended with ${String(error.code)}` : said);
}

function tookTooLong(plugin: PluginEntry, limitMs: number, stderr: string): RecacError {
  const said = toPlain(stderr).slice(-shownText);
  return denied(plugin, `it gave no answer within ${limitMs} ms${said === '' ? '' : `, and said: ${said}`}`);
}

function denied(plugin: PluginEntry, reason: string): RecacError {
  return new RecacError(
    'RECAC_PERMISSION_DENIED',
    `the credential plugin ${plugin.command} of the kubeconfig gave no credentials: ${reason}. Run it by hand to see why.`,
    { details: { command: plugin.command, reason } },
  );
}
