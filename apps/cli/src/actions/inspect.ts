import type { EnvironmentStatus, ExecInfo, ExecOutcome } from '@recac/engine-core';
import { findSession, type IsolationReport, inspectIsolation } from '@recac/session';
import type { CommandContext } from '../command-context.ts';
import type { InspectOptions } from '../commands/inspect.ts';
import { escapeText } from '../escape-text.ts';
import { exitOk } from '../exit-status.ts';
import { toJsonLine } from '../json-text.ts';
import { describeMilliseconds } from '../milliseconds.ts';
import { openEngine } from '../open-engine.ts';
import { renderTable } from '../table.ts';

/** `recac inspect`: an environment, what its engine can do, and its commands. */
export async function inspectAction(name: string, options: InspectOptions, { io }: CommandContext): Promise<number> {
  await using engine = (await openEngine(options)).engine;
  const environment = await findSession(engine, name);
  const execs = engine.capabilities.durableExec ? await engine.listExecs(environment.id) : [];
  const isolation = options.isolation === true ? await inspectIsolation(engine, environment.id) : undefined;
  if (options.json === true)
    await io.writeStdout(
      toJsonLine({ ...environment, capabilities: engine.capabilities, execs, ...(isolation && { isolation }) }),
    );
  else {
    await io.writeStdout(renderEnvironment(environment, engine.capabilities.isolation));
    if (isolation) await io.writeStdout(`\n${renderIsolation(isolation)}`);
    await io.writeStdout(`\n${renderExecs(execs)}`);
  }
  return exitOk;
}

function renderEnvironment(environment: EnvironmentStatus, isolation: string): string {
  const labels = Object.entries(environment.labels).map(([key, value]) => `${key}=${value}`);
  const lines: readonly (readonly [string, string | undefined])[] = [
    ['session', environment.sessionId],
    ['name', environment.name],
    ['id', environment.id],
    ['backend', `${environment.backend} (isolation: ${isolation})`],
    ['phase', environment.phase],
    ['reason', environment.reason],
    ['message', environment.message],
    ['image', environment.image],
    ['workspace', environment.workspacePath],
    ['created', environment.createdAt.toISOString()],
    ['lease', environment.leaseMs === undefined ? undefined : describeMilliseconds(environment.leaseMs)],
    ['labels', labels.length === 0 ? undefined : labels.join(', ')],
  ];
  return lines
    .map(([key, value]) => (value === undefined ? '' : `${`${key}:`.padEnd(11)}${escapeText(value)}\n`))
    .join('');
}

/** As a command inside sees it. */
function renderIsolation(report: IsolationReport): string {
  const lines: readonly (readonly [string, string])[] = [
    ['user', report.user],
    ['capabilities', report.capabilities.join(', ') || 'none'],
    ['no new privileges', report.noNewPrivileges ? 'yes' : 'no'],
    ['seccomp filter', report.seccomp ? 'yes' : 'no'],
    ['root file system', report.readOnlyRoot ? 'read-only' : 'writable'],
    ['user namespace', report.userNamespace ? 'yes' : 'no'],
    ['service account token', report.serviceAccountToken ? 'present' : 'absent'],
    ['Docker socket', report.dockerSocket ? 'present' : 'absent'],
  ];
  return lines.map(([key, value]) => `${`${key}:`.padEnd(23)}${escapeText(value)}\n`).join('');
}

function renderExecs(execs: readonly ExecInfo[]): string {
  if (execs.length === 0) return 'no commands\n';
  const rows = execs.map((exec) => [
    exec.execId,
    exec.outcome === undefined ? exec.state : describeOutcome(exec.outcome),
    exec.startedAt.toISOString(),
    String(exec.stdoutBytes),
    String(exec.stderrBytes),
    exec.command.join(' '),
  ]);
  return renderTable(['EXEC', 'STATE', 'STARTED', 'STDOUT', 'STDERR', 'COMMAND'], rows);
}

function describeOutcome(outcome: ExecOutcome): string {
  if (outcome.type === 'exited') return `exited ${outcome.code}`;
  if (outcome.type === 'signaled') return `ended by ${outcome.signal}`;
  return outcome.type === 'lost' ? `lost: ${outcome.reason}` : outcome.type;
}
