/** Reads how many nodes are wanted, as somebody wrote it. Throws where it is neither 1 nor 2. */
export function parseNodes(text: string): 1 | 2 {
  if (text === '1') return 1;
  if (text === '2') return 2;
  throw new Error(`a cluster has 1 node or 2, not ${text}; more can be simulated.`);
}

/** Reads how many simulated nodes are wanted, as somebody wrote it. Throws where it is no whole number. */
export function parseSimulatedNodes(text: string): number {
  if (/^\d{1,4}$/.test(text)) return Number(text);
  throw new Error(`${text} is no number of simulated nodes: write a whole number.`);
}
