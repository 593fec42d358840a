import type { ContainerEngine } from '@recac/engine-core';
import { findSession, forwardPort, type PortForward } from '@recac/session';
import type { CommandContext } from '../command-context.ts';
import { toErrorReport } from '../error-report.ts';
import { exitInterrupted } from '../exit-interrupted.ts';
import { exitFailed } from '../exit-status.ts';
import { type Interruption, watchInterruption } from '../interruption.ts';
import type { Io } from '../io.ts';
import { toJsonLine } from '../json-text.ts';
import { openEngine } from '../open-engine.ts';
import type { EngineOptions } from '../options/common-options.ts';
import { type PortPair, parsePortPair } from '../port-pair.ts';
import { createReporter, type Reporter } from '../reporter.ts';

/** `recac port-forward`: until Ctrl-C, which is its usual end and no failure, or until the session is gone. */
export async function portForwardAction(
  name: string,
  ports: readonly string[],
  options: EngineOptions,
  { io }: CommandContext,
): Promise<number> {
  const pairs = ports.map(parsePortPair);
  await using engine = (await openEngine(options)).engine;
  const reporter = createReporter(io, options);
  using interruption = watchInterruption(io, { json: options.json });
  try {
    return await forward(engine, { name, pairs }, { io, reporter, interruption, json: options.json === true });
  } catch (error) {
    return await exitInterrupted(error, interruption, { io, json: options.json });
  }
}

interface ForwardCall {
  readonly io: Io;
  readonly reporter: Reporter;
  readonly interruption: Interruption;
  readonly json: boolean;
}

async function forward(
  engine: ContainerEngine,
  { name, pairs }: { readonly name: string; readonly pairs: readonly PortPair[] },
  { io, reporter, interruption, json }: ForwardCall,
): Promise<number> {
  const environment = await findSession(engine, name, { signal: interruption.graceful });
  const gone = Promise.withResolvers<number>();
  await using forwards = await forwardAll(engine, environment.id, { pairs, reporter, onGone: gone.resolve });
  const lines = forwards.list.map(({ localPort, remotePort }) => ({ address: '127.0.0.1', localPort, remotePort }));
  await io.writeStdout(
    json
      ? toJsonLine({ session: name, environment: environment.id, forwards: lines })
      : lines.map((line) => `Forwarding from ${line.address}:${line.localPort} -> ${line.remotePort}\n`).join(''),
  );
  const interrupted = new Promise<number>((resolve) => {
    const finish = (): void => resolve(interruption.usualExitCode);
    if (interruption.graceful.aborted) finish();
    interruption.graceful.addEventListener('abort', finish, { once: true });
  });
  return await Promise.race([interrupted, gone.promise]);
}

interface Forwards extends AsyncDisposable {
  readonly list: readonly PortForward[];
}

interface ForwardParts {
  readonly pairs: readonly PortPair[];
  readonly reporter: Reporter;
  readonly onGone: (exitCode: number) => void;
}

async function forwardAll(
  engine: ContainerEngine,
  environmentId: string,
  { pairs, reporter, onGone }: ForwardParts,
): Promise<Forwards> {
  const list: PortForward[] = [];
  const close = async (): Promise<void> => {
    await Promise.all(list.map((forward) => forward[Symbol.asyncDispose]()));
  };
  const onConnectionError = (error: unknown): void => {
    const { code, message } = toErrorReport(error);
    if (code === 'RECAC_ENVIRONMENT_NOT_FOUND') {
      reporter.problem(`${message} (${code})`);
      onGone(exitFailed);
    } else reporter.note(message);
  };
  try {
    for (const pair of pairs) list.push(await forwardPort(engine, environmentId, { ...pair, onConnectionError }));
  } catch (error) {
    await close();
    throw error;
  }
  return { list, [Symbol.asyncDispose]: close };
}
