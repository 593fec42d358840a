/**
 * The candidate that `written` was most likely meant to be: equal but for case and punctuation, or at most two typing slips away (one for
 * short words). `undefined` when none is near.
 */
export function findNearest(written: string, candidates: readonly string[]): string | undefined {
  if (written.length > 64) return undefined;
  const plain = toPlain(written);
  const same = candidates.find((candidate) => toPlain(candidate) === plain);
  if (same !== undefined) return same;
  let nearest: string | undefined;
  let smallest = Number.POSITIVE_INFINITY;
  for (const candidate of candidates) {
    const limit = Math.min(plain.length, candidate.length) <= 4 ? 1 : 2;
    const distance = countEdits(plain, toPlain(candidate));
    if (distance <= limit && distance < smallest) {
      smallest = distance;
      nearest = candidate;
    }
  }
  return nearest;
}

function toPlain(text: string): string {
  return text.toLowerCase().replace(/[^a-z0-9]/g, '');
}

/** Insertions, deletions, replacements and swaps of neighbours that turn one text into the other (optimal string alignment). */
function countEdits(left: string, right: string): number {
  let beforePrevious: number[] = [];
  let previous = Array.from({ length: right.length + 1 }, (_, index) => index);
  for (let row = 1; row <= left.length; row++) {
    const current = [row];
    for (let column = 1; column <= right.length; column++) {
      const same = left[row - 1] === right[column - 1];
      let edits = Math.min(
        (previous[column] ?? 0) + 1,
        (current[column - 1] ?? 0) + 1,
        (previous[column - 1] ?? 0) + (same ? 0 : 1),
      );
      const swapped = left[row - 1] === right[column - 2] && left[row - 2] === right[column - 1];
      if (swapped && row > 1 && column > 1) edits = Math.min(edits, (beforePrevious[column - 2] ?? 0) + 1);
      current.push(edits);
    }
    beforePrevious = previous;
    previous = current;
  }
  return previous[right.length] ?? 0;
}
