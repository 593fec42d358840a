import { type ContainerEngine, invalidArgument, RecacError } from '@recac/engine-core';
import { findWorkspace } from '@recac/session';
import { defaultStateDirectory, findRepository, listRecords, type Repository } from '@recac/workspace-sync';
import { toErrorReport } from './error-report.ts';
import { openEngine } from './open-engine.ts';
import type { EngineOptions } from './options/common-options.ts';
import type { Reporter } from './reporter.ts';

/** Flags of the commands that look at what a session brought back. */
export interface RepositoryOptions extends EngineOptions {
  /** `--workspace`. */
  readonly workspace?: string;
}

/**
 * The repository that holds the work of a session, with the newest work of a session that still runs. Errors: `RECAC_INVALID_ARGUMENT`, `RECAC_WORKSPACE_UNAVAILABLE`.
 */
export async function openSessionRepository(
  name: string,
  options: RepositoryOptions,
  reporter: Reporter,
): Promise<Repository> {
  const records = await listRecords(defaultStateDirectory(), { sessionId: name });
  const record = records.findLast(({ backend }) => options.backend === undefined || options.backend === backend);
  if (record !== undefined && record.strategy !== 'git')
    throw invalidArgument(
      'name',
      `is that of a session with --sync ${record.strategy}`,
      `Its changes come into ${record.path} by recac pull ${name}.`,
    );
  if (record !== undefined) await refresh(name, { ...options, backend: record.backend }, reporter);
  const directory = options.workspace ?? record?.path ?? process.cwd();
  const repository = await findRepository(directory);
  if (repository !== undefined) return repository;
  const message = `${directory} is not the top of a git repository. Run this there, or name it with --workspace.`;
  throw new RecacError('RECAC_WORKSPACE_UNAVAILABLE', message, { details: { path: directory } });
}

/** Without its environment, what came back last is what there is. */
async function refresh(name: string, options: EngineOptions, reporter: Reporter): Promise<void> {
  let engine: ContainerEngine | undefined;
  try {
    engine = (await openEngine(options)).engine;
    const workspace = await findWorkspace(engine, name);
    await workspace?.strategy.pull(workspace.environment);
  } catch (error) {
    const { code, message } = toErrorReport(error);
    reporter.note(`this is what came back last, since the session cannot be asked now (${code}: ${message})`);
  } finally {
    await engine?.close();
  }
}
