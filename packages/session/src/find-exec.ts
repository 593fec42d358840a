import { type CallOptions, type ContainerEngine, type ExecInfo, RecacError } from '@recac/engine-core';

/**
 * A command of an environment: the one with this id, or without an id the only running one, or else the one that was requested last.
 * Errors: `RECAC_EXEC_NOT_FOUND`; `RECAC_INVALID_ARGUMENT` when several run and no id says which, with `details.execIds`.
 */
export async function findExec(
  engine: ContainerEngine,
  environmentId: string,
  execId?: string,
  options: CallOptions = {},
): Promise<ExecInfo> {
  const execs = await engine.listExecs(environmentId, options);
  if (execId !== undefined)
    return (
      execs.find((exec) => exec.execId === execId) ?? fail(`no command ${JSON.stringify(execId)} has a record here`)
    );
  const running = execs.filter((exec) => exec.state === 'running');
  if (running.length > 1) throw ambiguous(running);
  return running[0] ?? execs.at(-1) ?? fail('no command has a record here');
}

function fail(problem: string): never {
  throw new RecacError('RECAC_EXEC_NOT_FOUND', `${problem}. See recac inspect NAME.`);
}

function ambiguous(running: readonly ExecInfo[]): RecacError {
  const execIds = running.map((exec) => exec.execId);
  return new RecacError(
    'RECAC_INVALID_ARGUMENT',
    `${execIds.length} commands run here, so the exec id must be given. Use one of: ${execIds.join(', ')}.`,
    {
      details: { field: 'exec', rule: 'must be given when several commands run', execIds },
    },
  );
}
