import type { ClusterCredentials } from './cluster-access.ts';
import type { PluginCredential } from './credential-plugin.ts';

/** Runs the plugin once; `isRenewal`: it has given credentials before. */
export type RunPlugin = (signal: AbortSignal, options: { readonly isRenewal: boolean }) => Promise<PluginCredential>;

/** A credential that ends this soon is renewed before it is used; one of a short life in the last tenth of it. */
const skewMs = 60_000;

interface Run {
  readonly credential: Promise<PluginCredential>;
  readonly abort: AbortController;
  /** When it began, by the wall clock that credentials expire by. */
  readonly beganAt: number;
  /** Callers that wait for it. */
  waiting: number;
  /** It has given a credential, or failed. */
  isOver: boolean;
}

/**
 * What a credential plugin gave, kept until shortly before it expires or until the server has refused it. The plugin runs one at a time: whoever comes meanwhile waits for the same
 * answer, and it is ended early only when nobody waits any more.
 */
export class PluginCredentials {
  readonly #runPlugin: RunPlugin;
  #run: Run | undefined;
  #hasGiven = false;

  constructor(runPlugin: RunPlugin) {
    this.#runPlugin = runPlugin;
  }

  /** A credential that is not `rejected` and does not end soon. Errors: as `runCredentialPlugin`. */
  async get(signal: AbortSignal, rejected?: ClusterCredentials): Promise<PluginCredential> {
    const known = this.#run;
    for (;;) {
      signal.throwIfAborted();
      const run = this.#run ?? this.#begin();
      const credential = await wait(run, signal).finally(() => this.#end(run));
      const isUsable = isFresh(run, credential) && !(rejected && isSame(credential, rejected));
      // What was given after this call began is as new as can be had.
      if (run !== known || isUsable) return credential;
      if (this.#run === run) this.#run = undefined;
    }
  }

  #begin(): Run {
    const abort = new AbortController();
    const run: Run = {
      credential: this.#runPlugin(abort.signal, { isRenewal: this.#hasGiven }),
      abort,
      beganAt: Date.now(),
      waiting: 0,
      isOver: false,
    };
    this.#run = run;
    run.credential.then(
      () => {
        run.isOver = true;
        this.#hasGiven = true;
      },
      () => {
        if (this.#run === run) this.#run = undefined;
      },
    );
    return run;
  }

  /** Nobody waits for a plugin that still runs: it is ended, and whoever comes next starts another. */
  #end(run: Run): void {
    if (run.waiting > 0 || run.isOver) return;
    run.abort.abort();
    if (this.#run === run) this.#run = undefined;
  }
}

function wait(run: Run, signal: AbortSignal): Promise<PluginCredential> {
  run.waiting += 1;
  const { promise, resolve, reject } = Promise.withResolvers<PluginCredential>();
  const giveUp = (): void => reject(signal.reason);
  signal.addEventListener('abort', giveUp, { once: true });
  run.credential.then(resolve, reject);
  return promise.finally(() => {
    signal.removeEventListener('abort', giveUp);
    run.waiting -= 1;
  });
}

function isFresh({ beganAt }: Run, { expiresAt }: PluginCredential): boolean {
  if (expiresAt === undefined) return true;
  return expiresAt - Date.now() >= Math.min(skewMs, (expiresAt - beganAt) / 10);
}

function isSame({ token, certificate }: PluginCredential, rejected: ClusterCredentials): boolean {
  if (token !== undefined) return rejected.headers.Authorization === `Bearer ${token}`;
  return certificate === rejected.certificate;
}
