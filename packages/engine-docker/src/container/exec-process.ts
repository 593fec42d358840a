import { randomUUID } from 'node:crypto';
import { abortedError, RecacError, type TerminalSize } from '@recac/engine-core';
import { delay, environmentNotFound, type ProcessSpec, type RawExit, type ResolvedUser } from '@recac/engine-kit';
import type { DaemonClient } from '../daemon/daemon-client.ts';
import { toStatus } from '../daemon/daemon-error.ts';
import { guardQuiet } from '../stream/guard-quiet.ts';
import { StreamProcess } from '../stream/stream-process.ts';
import { toExecText } from './exec-text.ts';
import { throughTerminal, untilEntered } from './terminal-script.ts';

/** One process to open in a container. */
export interface ExecProcessSpec extends Omit<ProcessSpec, 'user'> {
  /** Its user, resolved. Default: the container's. */
  readonly user?: ResolvedUser;
  /** It can be signalled, and is ended when its line goes silent. Default: only with a terminal, which can and is. */
  readonly marked?: boolean;
}

/** Names the processes of one exec, so that a signal finds them: the daemon only knows their ids on its own machine. */
const markVariable = 'RECAC_MARK';

/** Making an exec and taking its connection over waits for no other program: a daemon that lives answers at once. */
const execDeadlineMs = 10_000;
/** A terminal that cannot be resized is of use all the same. */
const resizeDeadlineMs = 5_000;
/** As long as ssh is given to connect, and more. */
const sshDeadlineMs = 40_000;

/** Opens a process over the exec API. Errors: `RECAC_ENVIRONMENT_NOT_FOUND`, `RECAC_EXEC_FAILED`, `RECAC_INVALID_ARGUMENT` of a terminal. */
export async function openExec(
  client: DaemonClient,
  containerId: string,
  spec: ExecProcessSpec,
  signal: AbortSignal,
): Promise<StreamProcess> {
  const mark = spec.terminal || spec.marked ? randomUUID() : undefined;
  const body = toExecBody(spec.terminal ? throughTerminal(spec) : spec, mark);
  const deadlineMs = client.endpoint.startsWith('ssh:') ? sshDeadlineMs : execDeadlineMs;
  const created = await client
    .call(
      'opening a process',
      (abortSignal) => client.docker.getContainer(containerId).exec({ ...body, abortSignal } as never),
      { signal, deadlineMs, idempotent: true },
    )
    .catch((error: unknown) => {
      throw toExecError(error, containerId);
    });
  const connection = await client
    .upgrade(
      'starting a process',
      `/exec/${created.id}/start`,
      { Detach: false, Tty: spec.terminal !== undefined },
      { signal, deadlineMs },
    )
    .catch((error: unknown) => {
      throw toExecError(error, containerId);
    });
  const process = new StreamProcess({
    connection,
    terminal: spec.terminal !== undefined,
    findExit: () => findExit(client, created.id),
    resize: (size) => resize(client, created.id, size, AbortSignal.timeout(resizeDeadlineMs)),
    ...(mark === undefined
      ? {}
      : { signal: (name) => signalMarked(client, containerId, { mark, name, user: spec.user }) }),
  });
  if (mark !== undefined) guardQuiet(process);
  if (spec.terminal) {
    const patience = AbortSignal.any([signal, AbortSignal.timeout(resizeDeadlineMs)]);
    await resize(client, created.id, spec.terminal, patience);
    if (signal.aborted) {
      process.close();
      throw abortedError('opening a terminal', signal.reason);
    }
    if (spec.workingDirectory !== undefined) await untilEntered(process, signal);
  }
  return process;
}

function toExecBody(spec: ExecProcessSpec, mark: string | undefined): Record<string, unknown> {
  const variables = {
    ...spec.user?.environmentVariables,
    ...spec.environmentVariables,
    ...(mark === undefined ? {} : { [markVariable]: mark }),
  };
  return {
    Cmd: spec.argv.map((argument) => toExecText(argument, 'command')),
    AttachStdin: true,
    AttachStdout: true,
    AttachStderr: true,
    Tty: spec.terminal !== undefined,
    Env: Object.entries(variables).map(
      ([name, value]) => `${name}=${toExecText(value, `environmentVariables.${name}`)}`,
    ),
    ...(spec.user === undefined ? {} : { User: spec.user.id }),
    ...(spec.workingDirectory === undefined ? {} : { WorkingDir: spec.workingDirectory }),
    ...(spec.terminal ? { ConsoleSize: [spec.terminal.rows, spec.terminal.columns] } : {}),
  };
}

async function findExit(client: DaemonClient, execId: string): Promise<RawExit | undefined> {
  const found = await client.call(
    'looking for the end of a process',
    (abortSignal) => client.docker.getExec(execId).inspect({ abortSignal }),
    { idempotent: true },
  );
  if (found.Running || found.ExitCode === null) return undefined;
  return { type: 'exited', code: found.ExitCode };
}

/** A new terminal may not exist yet: tried again for a moment, then left at its size, as when the signal fires. */
async function resize(
  client: DaemonClient,
  execId: string,
  { rows, columns }: TerminalSize,
  signal: AbortSignal,
): Promise<void> {
  for (let attempt = 0; attempt < 20 && !signal.aborted; attempt += 1) {
    const done = await client
      .call(
        'resizing a terminal',
        (abortSignal) => client.docker.getExec(execId).resize({ h: rows, w: columns, abortSignal } as never),
        { signal },
      )
      .then(
        () => true,
        () => false,
      );
    if (done) return;
    await delay(25, signal);
  }
}

const signalScript = `
for _rcfile in $(grep -al "$1" /proc/[0-9]*/environ 2>/dev/null); do
  _rcpid=\${_rcfile#/proc/}
  _rcpid=\${_rcpid%/environ}
  [ "$_rcpid" = $$ ] || kill -s "$2" "$_rcpid" 2>/dev/null
done
`;

/** What marked processes are sent. */
interface MarkedSignal {
  readonly mark: string;
  readonly name: string;
  /** Theirs: nobody else may look at them, nor signal them; root has no capabilities for it. */
  readonly user: ResolvedUser | undefined;
}

async function signalMarked(
  client: DaemonClient,
  containerId: string,
  { mark, name, user }: MarkedSignal,
): Promise<void> {
  const argv = ['sh', '-c', signalScript, 'recac', `${markVariable}=${mark}`, name.replace(/^SIG/, '')];
  const spec: ExecProcessSpec = user === undefined ? { argv } : { argv, user };
  const process = await openExec(client, containerId, spec, new AbortController().signal).catch(() => undefined);
  process?.stdin.end();
  process?.stdout.resume();
  process?.stderr.resume();
  await process?.exited;
}

function toExecError(error: unknown, containerId: string): unknown {
  const status = toStatus(error);
  if (status === 404) return environmentNotFound(containerId);
  if (status === 409) {
    const message = String((error as RecacError).details.message);
    if (!/paused/i.test(message)) return environmentNotFound(containerId);
    return new RecacError('RECAC_EXEC_FAILED', 'the environment is paused. Resume it: docker unpause.', {
      cause: error,
    });
  }
  if (status !== undefined && status < 500)
    return new RecacError('RECAC_EXEC_FAILED', (error as RecacError).message, { cause: error });
  return error;
}
