/** One measured number of a row, with its gate. */
export interface RowResult {
  /** What was measured, with its unit. */
  readonly metric: string;
  /** Ours. */
  readonly ours: number;
  /** The peer's in the same run, when the row has one. */
  readonly peer?: number;
  /** Ours divided by the peer's, or the absolute number that the gate is about. */
  readonly value: number;
  /** The gate, as text: `<= 1.5`. */
  readonly gate: string;
  /** The gate holds. */
  readonly holds: boolean;
  /** Everything else worth keeping. */
  readonly details?: Readonly<Record<string, unknown>>;
}

/** One row of the benchmark table. It checks correctness first: a wrong byte or exit code throws. */
export interface BenchmarkRow {
  /** Id in the table. */
  readonly id: string;
  /** What it compares with what, with the peer's command line. */
  readonly title: string;
  /** Measures, interleaving ours and the peer. */
  readonly run: () => Promise<readonly RowResult[]>;
}

/** Result of a gate on the ratio of two medians. */
export function ratioResult(
  metric: string,
  ours: number,
  peer: number,
  atMost: number,
  details: RowResult['details'] = {},
): RowResult {
  const value = ours / peer;
  return { metric, ours, peer, value, gate: `<= ${atMost}`, holds: value <= atMost, details };
}
