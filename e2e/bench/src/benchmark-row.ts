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

/** How thoroughly a row measures. */
export interface BenchmarkOptions {
  /** A fraction of the repeats and sizes: enough to see that the row works, not to judge a gate. */
  readonly quick: boolean;
}

/** One row of the benchmark table. It checks correctness first: a wrong byte or exit code throws. */
export interface BenchmarkRow {
  /** Id in the table. */
  readonly id: string;
  /** What it compares with what, with the peer's command line. */
  readonly title: string;
  /** What the peer runs, when it is a command line: printed and kept beside the numbers. */
  readonly peer?: string;
  /** Measures, interleaving ours and the peer. */
  readonly run: (options: BenchmarkOptions) => Promise<readonly RowResult[]>;
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

/** Result of a gate on how many times faster or more than the peer. */
export function atLeastResult(
  metric: string,
  ours: number,
  peer: number,
  atLeast: number,
  details: RowResult['details'] = {},
): RowResult {
  const value = ours / peer;
  return { metric, ours, peer, value, gate: `>= ${atLeast}`, holds: value >= atLeast, details };
}

/** Result of a gate on one number. */
export function limitResult(
  metric: string,
  ours: number,
  atMost: number,
  details: RowResult['details'] = {},
): RowResult {
  return { metric, ours, value: ours, gate: `<= ${atMost}`, holds: ours <= atMost, details };
}

/** A number that is told and has no gate; a ratio when there is a peer. */
export function toldResult(metric: string, ours: number, peer?: number, details: RowResult['details'] = {}): RowResult {
  const value = peer === undefined ? ours : ours / peer;
  return { metric, ours, ...(peer === undefined ? {} : { peer }), value, gate: 'none', holds: true, details };
}
