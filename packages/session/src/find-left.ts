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
  const left = kept.filter(({ sessionId }) => sessionId === name).map((one) => withRecord(one, records));
  const last = left.findLast(({ record }) => isEnded(record));
  if (last !== undefined) return last;
  // An endpoint may have got another address since.
  const claims = records.filter((record) => record.mount !== undefined && isEnded(record));
  return fromRecord(claims.findLast((record) => record.endpoint === endpoint) ?? claims.at(-1));
}

function withRecord({ id, image, user }: KeptWorkspace, records: readonly WorkspaceRecord[]): LeftWorkspace {
  const source = withoutUndefined({ image, user, workspace: { type: 'kept' as const, id } });
  return withoutUndefined({ source, record: records.find(({ keptId }) => keptId === id) });
}

function isSame(one: Pick<Environment, 'id' | 'createdAt'>, other: Pick<Environment, 'id' | 'createdAt'>): boolean {
  return one.id === other.id && one.createdAt.getTime() === other.createdAt.getTime();
}

function fromRecord(record: WorkspaceRecord | undefined): LeftWorkspace | undefined {
  if (record?.mount === undefined) return undefined;
  const { image, user, mount: workspace } = record;
  return { source: withoutUndefined({ image, user, workspace }), record };
}
