import {
  type CallOptions,
  type ContainerEngine,
  type Environment,
  type HarvestReport,
  RecacError,
  type WorkspaceStrategy,
} from '@recac/engine-core';
import { type EndCommandsOptions, endCommands } from './end-commands.ts';
import { readEnvironmentEnd } from './environment-end.ts';
import { removeSession, reviveSession } from './revive-session.ts';
import { carriesFiles } from './workspace-label.ts';

/** Options of {@link harvestSession}. */
export interface HarvestSessionOptions extends EndCommandsOptions {
  /** Directory of what this machine remembers of sessions. */
  readonly stateDirectory: string;
  /** Told of the environment that was started over the kept workspace, where the work is from then on. Default: nobody is. */
  readonly onRevived?: ((environment: Environment) => void) | undefined;
}

/**
 * Ends what still runs in a session and brings its work back, also when its environment is gone but its workspace was kept. Errors: the strategy's, with how to get at the
 * files, which are still in the environment.
 */
export async function harvestSession(
  engine: ContainerEngine,
  strategy: WorkspaceStrategy,
  environment: Environment,
  { stateDirectory, onRevived, ...call }: HarvestSessionOptions,
): Promise<HarvestReport> {
  try {
    const problem = carriesFiles(strategy.name) ? await tryToEnd(engine, environment, call) : undefined;
    const report = await strategy.harvest(environment, call);
    return problem === undefined ? report : { ...report, summary: `${report.summary} (${problem})` };
  } catch (error) {
    const end = await readEnvironmentEnd(engine, environment.id);
    if (end === 'none') throw notBroughtBack(error, environment);
    const revive = async (): ReturnType<typeof reviveSession> => {
      if (end === 'ended') await engine.stopEnvironment(environment.id, call);
      return reviveSession(engine, environment.sessionId, { ...call, stateDirectory, ended: environment });
    };
    const revived = await revive().catch((problem: unknown) => {
      throw notRead(problem, environment);
    });
    if (revived === undefined) throw workLost(error, environment);
    onRevived?.(revived.environment);
    return harvestRevived(engine, strategy, revived.environment, { ...call, stateDirectory });
  }
}

/** What cannot be ended does not keep the work there: it is told. */
async function tryToEnd(
  engine: ContainerEngine,
  environment: Environment,
  options: EndCommandsOptions,
): Promise<string | undefined> {
  try {
    await endCommands(engine, environment, options);
    return undefined;
  } catch (error) {
    return `what still ran was not ended before: ${error instanceof Error ? error.message : error}`;
  }
}

async function harvestRevived(
  engine: ContainerEngine,
  strategy: WorkspaceStrategy,
  environment: Environment,
  { stateDirectory, ...call }: CallOptions & { readonly stateDirectory: string },
): Promise<HarvestReport> {
  const report = await strategy.harvest(environment, call).catch((error: unknown) => {
    throw notBroughtBack(error, environment);
  });
  await removeSession(engine, environment, { ...call, stateDirectory });
  return { ...report, summary: `${report.summary} (the environment had ended, its workspace was kept)` };
}

/** Code and sentence of whatever was thrown. */
function toWords(cause: unknown): readonly [RecacError['code'], string] {
  if (RecacError.isInstance(cause)) return [cause.code, cause.message];
  return ['RECAC_INTERNAL', `${cause instanceof Error ? cause.message : cause}.`];
}

function notBroughtBack(cause: unknown, { sessionId }: Environment): RecacError {
  const [code, words] = toWords(cause);
  const details = RecacError.isInstance(cause) ? cause.details : {};
  const ways = `recac pull ${sessionId} tries again, recac cp ${sessionId}:. DIR copies the files, recac stop --discard ${sessionId} gives them up`;
  const message = `the work of ${sessionId} was not brought back, so its environment stays: ${words} It goes on until its lease ends: ${ways}.`;
  return new RecacError(code, message, { cause, details: { ...details, sessionId, harvested: false } });
}

function notRead(cause: unknown, { sessionId }: Environment): RecacError {
  const [code, words] = toWords(cause);
  const message = `the environment of ${sessionId} has ended, and its files are kept but could not be brought back: ${words} recac rescue ${sessionId} tries again.`;
  return new RecacError(code, message, { cause, details: { sessionId, harvested: false } });
}

function workLost(cause: unknown, { sessionId }: Environment): RecacError {
  const message = `the environment of ${sessionId} is gone: what it changed since its work was last brought back is lost. See recac rescue; session.checkpoint brings work back more often.`;
  return new RecacError('RECAC_ENVIRONMENT_NOT_FOUND', message, { cause, details: { sessionId } });
}
