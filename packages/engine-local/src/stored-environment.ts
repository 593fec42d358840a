/** What is kept about a local environment, as JSON in its directory. */
export interface StoredEnvironment {
  /** Its id and name, `recac-agent-…`. */
  readonly name: string;
  /** The session id as given. */
  readonly sessionId: string;
  /** ISO 8601. */
  readonly createdAt: string;
  /** Directory that commands start in. */
  readonly workspacePath: string;
  /** The caller's labels. */
  readonly labels: Readonly<Record<string, string>>;
  /** Variables of every command. */
  readonly environmentVariables: Readonly<Record<string, string>>;
  /** User of every command, when not ours. */
  readonly user?: string;
  /** Lease length, when it has one. */
  readonly leaseMs?: number;
  /** Id of the workspace that outlives it, when it works in one. */
  readonly kept?: string;
  /** That workspace was kept before, and a stop leaves it. */
  readonly wasKept?: boolean;
}

/**
 * The environment of this name that a record describes. A record that is damaged, such as one that a command has overwritten, describes none.
 */
export function parseStored(text: string, name: string): StoredEnvironment | undefined {
  const record = parseRecord(text);
  if (record === undefined || record.name !== name || typeof record.sessionId !== 'string') return undefined;
  if (typeof record.workspacePath !== 'string' || !isTime(record.createdAt)) return undefined;
  return isTextMap(record.labels) && isTextMap(record.environmentVariables)
    ? (record as unknown as StoredEnvironment)
    : undefined;
}

/** The fields of a record in JSON; undefined when it is none. */
export function parseRecord(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>) : undefined;
  } catch {
    return undefined;
  }
}

/** Whether this is a time in ISO 8601. */
export function isTime(value: unknown): value is string {
  return typeof value === 'string' && !Number.isNaN(Date.parse(value));
}

function isTextMap(value: unknown): boolean {
  return typeof value === 'object' && value !== null && Object.values(value).every((text) => typeof text === 'string');
}
