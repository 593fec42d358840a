import type { EnvironmentStatus } from '@recac/engine-core';
import type { CommandContext } from '../command-context.ts';
import type { ListOptions } from '../commands/list.ts';
import { escapeText } from '../escape-text.ts';
import { exitOk } from '../exit-status.ts';
import { toJsonLine } from '../json-text.ts';
import { describeAge } from '../milliseconds.ts';
import { openEngine } from '../open-engine.ts';
import { createReporter } from '../reporter.ts';
import { renderTable } from '../table.ts';

const header = ['NAME', 'BACKEND', 'PHASE', 'AGE', 'WORKSPACE', 'REASON'];

/** `recac list`: what runs on the configured backend. */
export async function listAction(options: ListOptions, { io }: CommandContext): Promise<number> {
  await using engine = (await openEngine(options)).engine;
  const environments = await engine.listEnvironments();
  if (options.json === true) await io.writeStdout(toJsonLine(environments));
  else if (options.names === true)
    await io.writeStdout(environments.map(({ sessionId }) => `${escapeText(sessionId)}\n`).join(''));
  else if (environments.length === 0)
    createReporter(io, options).note(`no session runs on the ${engine.backend} engine`);
  else
    await io.writeStdout(
      renderTable(
        header,
        environments.map((environment) => toRow(environment, Date.now())),
      ),
    );
  return exitOk;
}

function toRow(environment: EnvironmentStatus, now: number): readonly string[] {
  const { sessionId, backend, phase, createdAt, workspacePath, reason } = environment;
  return [sessionId, backend, phase, describeAge(now - createdAt.getTime()), workspacePath, reason ?? ''];
}
