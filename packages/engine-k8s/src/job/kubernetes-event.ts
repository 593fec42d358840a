/** An Event of core/v1; only what we read. */
export interface KubernetesEvent {
  /** The event's own name and identity. */
  readonly metadata?: { readonly name?: string; readonly uid?: string; readonly creationTimestamp?: string };
  /** What it is about. */
  readonly involvedObject?: {
    readonly kind?: string;
    readonly name?: string;
    readonly uid?: string;
    readonly fieldPath?: string;
  };
  /** Word for what happened, such as `FailedCreate`. */
  readonly reason?: string;
  /** The same in words. */
  readonly message?: string;
  /** `Normal` or `Warning`. */
  readonly type?: string;
  /** How often it happened. */
  readonly count?: number;
  /** When it happened last, in the old form. */
  readonly lastTimestamp?: string | null;
  /** When it happened first, in the new form. */
  readonly eventTime?: string | null;
  /** Repetitions, in the new form. */
  readonly series?: { readonly count?: number; readonly lastObservedTime?: string };
}

/** When an event happened last, in milliseconds since 1970; 0 when it does not say. */
export function toEventTime({ series, lastTimestamp, eventTime, metadata }: KubernetesEvent): number {
  const text = series?.lastObservedTime ?? lastTimestamp ?? eventTime ?? metadata?.creationTimestamp;
  const time = text === undefined || text === null ? Number.NaN : Date.parse(text);
  return Number.isNaN(time) ? 0 : time;
}

/** Events with one of these reasons, newest first. */
export function findEvents(
  events: readonly KubernetesEvent[],
  ...reasons: readonly string[]
): readonly KubernetesEvent[] {
  return events
    .filter(({ reason }) => reason !== undefined && reasons.includes(reason))
    .toSorted((left, right) => toEventTime(right) - toEventTime(left));
}
