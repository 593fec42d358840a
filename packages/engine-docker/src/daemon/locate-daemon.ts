import { chooseDaemon, type DaemonChoice } from './choose-daemon.ts';
import type { DaemonAddress } from './daemon-address.ts';
import { DaemonAgent } from './daemon-agent.ts';
import type { LocateEnvironment } from './docker-directory.ts';
import { explainChosen, explainNone, toProblem } from './explain-unreachable.ts';
import { type DaemonPing, pingDaemon } from './ping-daemon.ts';
import { listUsualSockets } from './usual-sockets.ts';

/** One place where a daemon was looked for. */
export interface TriedDaemon {
  /** The address. */
  readonly host: string;
  /** What named it. */
  readonly source: string;
  /** Why it is not used. Absent: it answered. */
  readonly problem?: string;
}

/** A daemon that answered. */
export interface LocatedDaemon {
  /** Where it is. */
  readonly address: DaemonAddress;
  /** Everything that was tried, in order; the one that answered is the last. */
  readonly tried: readonly TriedDaemon[];
  /** With a connection that is open. Whoever takes it destroys it. */
  readonly agent: DaemonAgent;
  /** What it answered. */
  readonly ping: DaemonPing;
}

/** One attempt and how it went. */
interface Attempt {
  readonly address: DaemonAddress;
  readonly agent: DaemonAgent;
  readonly ping?: DaemonPing;
  readonly error?: unknown;
}

const chosenDeadlineMs = 10_000;
const sshDeadlineMs = 40_000;
const defaultDeadlineMs = 5_000;
const usualDeadlineMs = 2_000;

/**
 * Finds the daemon that the docker command would use. What somebody chose is taken or fails; when nobody chose, the usual sockets are tried, the default
 * first. Rejects with `RECAC_ENGINE_UNAVAILABLE` or `RECAC_PERMISSION_DENIED`, both with `details.tried`.
 */
export async function locateDaemon(
  choice: DaemonChoice,
  environment: LocateEnvironment,
  signal: AbortSignal,
): Promise<LocatedDaemon> {
  signal.throwIfAborted();
  const chosen = await chooseDaemon(choice, environment);
  if (chosen) {
    const attempt = await tryDaemon(chosen, chosen.host.startsWith('ssh:') ? sshDeadlineMs : chosenDeadlineMs, signal);
    return toLocated(attempt, []) ?? fail(explainChosen(toTried(attempt), attempt.error));
  }
  const [first, ...others] = listUsualSockets(environment) as [DaemonAddress, ...DaemonAddress[]];
  const attempt = await tryDaemon(first, defaultDeadlineMs, signal);
  const located = toLocated(attempt, []);
  if (located) return located;
  const attempts = [attempt, ...(await Promise.all(others.map((one) => tryDaemon(one, usualDeadlineMs, signal))))];
  const answering = attempts.findIndex(({ ping }) => ping !== undefined);
  for (const [index, { agent }] of attempts.entries()) if (index !== answering) agent.destroy();
  return (
    toLocated(attempts[answering], attempts.slice(0, answering)) ??
    fail(
      explainNone(
        attempts.map(toTried),
        attempts.map(({ error }) => error),
        environment.platform,
      ),
    )
  );
}

async function tryDaemon(address: DaemonAddress, deadlineMs: number, signal: AbortSignal): Promise<Attempt> {
  const agent = new DaemonAgent(address);
  const deadline = AbortSignal.timeout(deadlineMs);
  try {
    return { address, agent, ping: await pingDaemon(agent, AbortSignal.any([signal, deadline])) };
  } catch (error) {
    agent.destroy();
    if (signal.aborted) throw signal.reason;
    return { address, agent, error: deadline.aborted ? new Error(`no answer within ${deadlineMs} ms`) : error };
  }
}

function toLocated(attempt: Attempt | undefined, before: readonly Attempt[]): LocatedDaemon | undefined {
  if (!attempt?.ping) return undefined;
  const { address, agent, ping } = attempt;
  return { address, agent, ping, tried: [...before, attempt].map(toTried) };
}

function toTried({ address: { host, source }, error }: Attempt): TriedDaemon {
  return error === undefined ? { host, source } : { host, source, problem: toProblem(error) };
}

function fail(error: Error): never {
  throw error;
}
