import { once } from 'node:events';
import { RecacError } from '@recac/engine-core';
import { delay, type ProcessSpec, readLine } from '@recac/engine-kit';
import type { ApiClient } from '../api/api-client.ts';
import { toApiStatus } from '../api/api-error.ts';
import { agentContainerName } from '../job/pod.ts';
import { withinLimit } from '../within-limit.ts';
import { execProtocols } from './exec-channel.ts';
import { explainExecRefusal, notFoundAs } from './exec-refusal.ts';
import { containerRestarted, isRestarted, readMainProcess } from './first-container.ts';
import { PodProcess } from './pod-process.ts';
import { type SourcedProcess, startScript, toShellSource, toStartRequest } from './process-source.ts';
import { writeSource } from './write-source.ts';

/** The pod in which a process is opened. */
export interface PodAddress {
  /** Namespace. */
  readonly namespace: string;
  /** Name of the pod. */
  readonly pod: string;
  /** Id of the environment, for messages. */
  readonly environmentId: string;
}

/** A process to open in a pod; its user has been looked up. */
export interface PodProcessSpec extends SourcedProcess, Pick<ProcessSpec, 'terminal'> {}

/** A shell in a pod that has said it is there, and waits for what it shall become. */
export interface WaitingShell {
  /** The shell; its streams become those of the process. */
  readonly process: PodProcess;
  /** Its process id inside the pod. */
  readonly pid: number;
}

/** An exec in a container that lives is answered at once. */
const openDeadlineMs = 10_000;
/** Pauses before an exec that failed on its way is tried again. */
const againPausesMs = [100, 400, 1_500];
/** The shell of a busy node may take a moment to begin. */
const shellDeadlineMs = 20_000;

/** The one byte that a terminal says in a container that was started again, before it ends. */
const restartedByte = 6;
const refuseRestartedScript = `${readMainProcess}[ "\${m:-\${20}}" = "\${20}" ] || { printf '\\006'; exit 1; }; `;

/**
 * POSIX sh: says with one byte that the terminal is there, since a size that comes before is lost, and waits for its size, for a moment: programs look once.
 */
const waitForSizeScript = "printf '\\005'; trap : WINCH; sleep 0.3 & wait $!; trap - WINCH; ";

/** The terminal belongs to root; another user could not open it again, as /dev/stderr does. */
const shareTerminalScript = 'chmod 666 /proc/self/fd/0 2>/dev/null; ';

/** Opens a process. Errors: `RECAC_ENVIRONMENT_NOT_FOUND`, `RECAC_EXEC_FAILED`, `RECAC_PERMISSION_DENIED`, `RECAC_ENGINE_UNAVAILABLE`. */
export async function openPodProcess(
  client: ApiClient,
  address: PodAddress,
  spec: PodProcessSpec,
  signal: AbortSignal,
): Promise<PodProcess> {
  if (spec.terminal) return openTerminal(client, address, spec, signal);
  const shell = await openShellAgain(client, address, signal);
  becomeProcess(shell, spec);
  return shell.process;
}

/** A shell that waits has done nothing, so another may be opened where the line broke or the server was busy. */
async function openShellAgain(client: ApiClient, address: PodAddress, signal: AbortSignal): Promise<WaitingShell> {
  for (let attempt = 0; ; attempt += 1) {
    const pauseMs = againPausesMs[attempt];
    try {
      return await openWaitingShell(client, address, signal);
    } catch (error) {
      const isPassing = RecacError.isInstance(error) && error.code === 'RECAC_ENGINE_UNAVAILABLE';
      if (!isPassing || pauseMs === undefined || signal.aborted) throw error;
      await delay(pauseMs, signal);
    }
  }
}

/** Opens a shell that waits. Its answer proves that the container runs and has a POSIX sh. */
export async function openWaitingShell(
  client: ApiClient,
  address: PodAddress,
  signal: AbortSignal,
): Promise<WaitingShell> {
  let pid = 0;
  const process = await openExec(client, address, ['sh', '-c', startScript], false, signal, (name) =>
    signalProcess(client, address, pid, name),
  );
  const limit = { limitMs: shellDeadlineMs, signal, toError: () => noAnswer('no shell') };
  try {
    const line = await withinLimit(limit, (until) => readLine(process.stdout, until));
    const [shell, startTime, first] = line?.split(' ') ?? [];
    pid = Number(shell);
    if (!Number.isInteger(pid) || pid <= 0) throw await explainNoShell(process, address);
    if (isRestarted(startTime, first)) throw containerRestarted(address.environmentId, address.pod);
    return { process, pid };
  } catch (error) {
    process.close();
    throw error;
  }
}

function noAnswer(who: string): RecacError {
  const text = `${who} answered in the environment within ${shellDeadlineMs / 1_000} s. Look at the node it runs on.`;
  return new RecacError('RECAC_EXEC_FAILED', text, { details: { reason: 'NoAnswer' } });
}

/** Makes a process of a waiting shell. `allowed` settles before anybody has it; what it rejects with ends the shell. */
export async function takeShell(
  shell: WaitingShell,
  spec: PodProcessSpec,
  allowed: Promise<void>,
): Promise<PodProcess> {
  becomeProcess(shell, spec);
  try {
    await allowed;
    return shell.process;
  } catch (error) {
    shell.process.close();
    throw error;
  }
}

/** Tells a waiting shell what to become. */
function becomeProcess({ process }: WaitingShell, spec: PodProcessSpec): void {
  process.stdin.write(toStartRequest(spec));
}

async function openTerminal(
  client: ApiClient,
  address: PodAddress,
  spec: PodProcessSpec,
  signal: AbortSignal,
): Promise<PodProcess> {
  const variables = { TERM: 'xterm-256color', ...spec.environmentVariables };
  const share = Buffer.from(spec.become ? shareTerminalScript : '');
  const source = Buffer.concat([share, toShellSource({ ...spec, environmentVariables: variables })]);
  const writer = await openShellAgain(client, address, signal);
  const path = await writeSource(writer, source, signal);
  const script = `${refuseRestartedScript}${waitForSizeScript}. ${path}`;
  const process = await openExec(client, address, ['sh', '-c', script], true, signal);
  const limit = { limitMs: shellDeadlineMs, signal, toError: () => noAnswer('no terminal') };
  try {
    const byte = await withinLimit(limit, (until) => readSign(process, until));
    if (byte === restartedByte) throw containerRestarted(address.environmentId, address.pod);
  } catch (error) {
    process.close();
    throw error;
  }
  if (spec.terminal) await process.resize(spec.terminal);
  return process;
}

/** Takes the one byte that says that the terminal is there. What ends without it is a failure that its output tells. */
async function readSign({ stdout }: PodProcess, signal: AbortSignal): Promise<number | undefined> {
  for (;;) {
    const byte = stdout.read(1) as Buffer | null;
    if (byte !== null) return byte[0];
    if (stdout.readableEnded || stdout.destroyed) return undefined;
    await Promise.race([once(stdout, 'readable', { signal }), once(stdout, 'close', { signal })]);
  }
}

async function openExec(
  client: ApiClient,
  { namespace, pod, environmentId }: PodAddress,
  argv: readonly string[],
  terminal: boolean,
  signal: AbortSignal,
  onSignal?: (name: string) => void,
): Promise<PodProcess> {
  try {
    const socket = await client.upgrade({
      path: `/api/v1/namespaces/${namespace}/pods/${pod}/exec`,
      query: {
        command: argv,
        container: agentContainerName,
        stdin: 'true',
        stdout: 'true',
        ...(terminal ? { tty: 'true' } : { stderr: 'true' }),
      },
      protocols: execProtocols,
      timeoutMs: openDeadlineMs,
      signal,
    });
    const onSilent = (): void => client.suspect();
    return new PodProcess({ socket, terminal, onSilent, ...(onSignal ? { signal: onSignal } : {}) });
  } catch (error) {
    throw readRefusal(error, environmentId) ?? error;
  }
}

/** Signals the process, and its group where it leads one. */
function signalProcess(client: ApiClient, address: PodAddress, pid: number, name: string): void {
  const word = name.replace(/^SIG/, '');
  const script = `kill -s ${word} -- -${pid} 2>/dev/null || kill -s ${word} ${pid}`;
  openExec(client, address, ['sh', '-c', script], false, AbortSignal.timeout(openDeadlineMs)).then(
    (process) => {
      process.stdout.resume();
      process.stderr.resume();
    },
    () => {},
  );
}

async function explainNoShell(process: PodProcess, { environmentId }: PodAddress): Promise<RecacError> {
  const exit = await process.exited;
  const message = exit.type === 'lost' ? exit.reason : `the shell ended with ${JSON.stringify(exit)}`;
  const text = `no process could be opened in the environment: ${message}. Try again; look at the pod's events if it stays.`;
  const details = { reason: 'ExecFailed', message };
  return explainExecRefusal(message, environmentId) ?? new RecacError('RECAC_EXEC_FAILED', text, { details });
}

/**
 * Kubelets of 1.37 refuse before there is a stream what older ones say in it. One that does not know the pod answers 404, but so does a proxy that cannot carry exec: the words
 * tell them apart.
 */
function readRefusal(error: unknown, environmentId: string): RecacError | undefined {
  const status = toApiStatus(error);
  if (!RecacError.isInstance(error) || (status !== 404 && status !== 500)) return undefined;
  const words = String(error.details.message);
  return status === 404 ? notFoundAs(words || 'HTTP 404', environmentId) : explainExecRefusal(words, environmentId);
}
