import type {
  CallOptions,
  ContainerEngine,
  Environment,
  EnvironmentSpec,
  KeptWorkspace,
  WorkspaceMount,
} from '@recac/engine-core';
import { listRecords, toRecordAddress, type WorkspaceRecord } from '@recac/workspace-sync';
import { withoutUndefined } from './without-undefined.ts';

/** A workspace that an environment left, and where its work belongs. */
export interface LeftWorkspace {
  /** What to start an environment over it again from. */
  readonly source: Pick<EnvironmentSpec, 'image' | 'user'> & { readonly workspace: WorkspaceMount };
  /** What this machine remembers of it. Default: nothing. */
  readonly record?: WorkspaceRecord;
}

/** Options of {@link findLeft}. */
export interface FindLeftOptions extends CallOptions {
  /** Directory of what this machine remembers of sessions. */
  readonly stateDirectory: string;
  /** The environment that has ended. Default: the last one of the name that left something. */
  readonly ended?: Environment | undefined;
}

/** What the environments of a name left: a kept workspace, or the claim that the record names. Undefined when that is nothing. Errors: those of `init` and `listKeptWorkspaces`. */
export async function findLeft(
  engine: ContainerEngine,
  name: string,
  { stateDirectory, ended, ...call }: FindLeftOptions,
): Promise<LeftWorkspace | undefined> {
  const { endpoint } = await engine.init(call);
  const records = await listRecords(stateDirectory, { backend: engine.backend, sessionId: name });
  const isEnded = (record: WorkspaceRecord | undefined): boolean =>
    ended === undefined || (record !== undefined && isSame(toRecordAddress(record), ended));
  const kept = engine.capabilities.keptWorkspaces ? await engine.listKeptWorkspaces(call) : [];
  const pairs = pair(
    kept.filter(({ sessionId }) => sessionId === name),
    records.filter((record) => record.endpoint === endpoint),
  );
  const last = pairs.findLast(({ record }) => isEnded(record));
  if (last !== undefined) return last;
  // An endpoint may have got another address since.
  const claims = records.filter((record) => record.mount !== undefined && isEnded(record));
  return fromRecord(claims.findLast((record) => record.endpoint === endpoint) ?? claims.at(-1));
}

/**
 * A kept workspace is made just before its environment, by the same clock: the first record after it is that of its environment, unless another one was kept in between, whose record is missing.
 */
function pair(kept: readonly KeptWorkspace[], records: readonly WorkspaceRecord[]): readonly LeftWorkspace[] {
  const free = records
    .filter(({ strategy }) => strategy === 'git' || strategy === 'upload')
    .toSorted((one, other) => one.environmentCreatedAt.localeCompare(other.environmentCreatedAt));
  const ordered = kept.toSorted((one, other) => one.createdAt.getTime() - other.createdAt.getTime());
  return ordered.map(({ id, image, user, createdAt }, index) => {
    const next = ordered[index + 1]?.createdAt ?? new Date(8.64e15);
    const at = ({ keptId, environmentCreatedAt }: WorkspaceRecord): boolean =>
      keptId === undefined && isBetween(new Date(environmentCreatedAt), createdAt, next);
    const record = free.find(({ keptId }) => keptId === id) ?? free.find(at);
    if (record !== undefined) free.splice(free.indexOf(record), 1);
    return withoutUndefined({
      source: withoutUndefined({ image, user, workspace: { type: 'kept' as const, id } }),
      record,
    });
  });
}

/** In whole seconds: a backend may know the one time better than the other. */
function isBetween(time: Date, from: Date, to: Date): boolean {
  const toSeconds = (date: Date): number => Math.floor(date.getTime() / 1_000);
  return toSeconds(from) <= toSeconds(time) && toSeconds(time) <= toSeconds(to);
}

function isSame(one: Pick<Environment, 'id' | 'createdAt'>, other: Pick<Environment, 'id' | 'createdAt'>): boolean {
  return one.id === other.id && one.createdAt.getTime() === other.createdAt.getTime();
}

function fromRecord(record: WorkspaceRecord | undefined): LeftWorkspace | undefined {
  if (record?.mount === undefined) return undefined;
  const { image, user, mount: workspace } = record;
  return { source: withoutUndefined({ image, user, workspace }), record };
}
