import { Buffer } from 'node:buffer';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { abortedError, RecacError, throwIfAborted } from '@recac/engine-core';
import { endGroup } from '../end-group.ts';
import type { RegistryCredentials } from './registry-credentials.ts';

/** How a helper is asked. */
export interface CredentialHelperOptions {
  /** Directory it runs in. */
  readonly workingDirectory: string;
  /** Ends it. */
  readonly signal?: AbortSignal;
  /** Longest time for its answer, in milliseconds. Default: 30 000. */
  readonly deadlineMs?: number;
}

interface HelperAnswer {
  readonly code: number | null;
  readonly text: string;
}

const nameShape = /^[A-Za-z0-9][A-Za-z0-9._-]*$/;
const longestAnswer = 1_048_576;
const notFound = 'credentials not found in native keychain';

/**
 * Asks `docker-credential-<name>` for the credentials for a server. Gives undefined when it knows none. Errors: `RECAC_IMAGE_PULL_FAILED`, naming the helper,
 * when it is missing, fails, hangs or answers nonsense; what it wrote is not repeated, it may hold a secret.
 */
export async function askCredentialHelper(
  name: string,
  server: string,
  options: CredentialHelperOptions,
): Promise<RegistryCredentials | undefined> {
  const helper = `docker-credential-${name}`;
  if (!nameShape.test(name)) throw helperFailed(JSON.stringify(helper), 'has a name that no helper can have');
  const { code, text } = await run(helper, server, options);
  if (code !== 0) {
    if (text.includes(notFound)) return undefined;
    throw helperFailed(helper, `failed with exit code ${code} when asked for ${server}`);
  }
  const { Username: username, Secret: secret } = parse(helper, text);
  if (username === '' && secret === '') return undefined;
  if (username === '<token>') return { identitytoken: secret, serveraddress: server };
  return { username, password: secret, serveraddress: server };
}

async function run(
  helper: string,
  server: string,
  { workingDirectory, signal, deadlineMs = 30_000 }: CredentialHelperOptions,
): Promise<HelperAnswer> {
  throwIfAborted(signal, `asking ${helper}`);
  const child = spawn(helper, ['get'], { cwd: workingDirectory, stdio: ['pipe', 'pipe', 'ignore'], detached: true });
  const ended = Promise.withResolvers<never>();
  ended.promise.catch(() => {});
  const timer = setTimeout(
    () => ended.reject(helperFailed(helper, `gave no answer within ${deadlineMs} ms`)),
    deadlineMs,
  );
  const giveUp = (): void => ended.reject(abortedError(`asking ${helper}`, signal?.reason));
  signal?.addEventListener('abort', giveUp, { once: true });
  const chunks: Buffer[] = [];
  let length = 0;
  child.stdout.on('data', (chunk: Buffer) => {
    chunks.push(chunk);
    length += chunk.length;
    if (length > longestAnswer) ended.reject(helperFailed(helper, 'wrote too much'));
  });
  child.stdin.on('error', () => {});
  child.stdin.end(server);
  try {
    const [code] = (await Promise.race([once(child, 'close'), ended.promise])) as [number | null];
    return { code, text: Buffer.concat(chunks).toString('utf8') };
  } catch (error) {
    if (RecacError.isInstance(error)) throw error;
    const { code } = error as { readonly code?: string };
    throw helperFailed(helper, code === 'ENOENT' ? 'is not installed, or not in PATH' : `could not be run (${code})`);
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener('abort', giveUp);
    if (child.exitCode === null && child.signalCode === null) endGroup(child.pid, 'SIGKILL');
    child.stdout.destroy();
  }
}

function parse(helper: string, text: string): { readonly Username: string; readonly Secret: string } {
  try {
    const { Username = '', Secret = '' } = JSON.parse(text);
    if (typeof Username === 'string' && typeof Secret === 'string') return { Username, Secret };
  } catch {}
  throw helperFailed(helper, 'did not answer with credentials');
}

function helperFailed(helper: string, problem: string): RecacError {
  return new RecacError(
    'RECAC_IMAGE_PULL_FAILED',
    `the credential helper ${helper} ${problem}. Repair it, or take it out of credsStore and credHelpers in the docker configuration.`,
    { details: { cause: 'denied', helper } },
  );
}
