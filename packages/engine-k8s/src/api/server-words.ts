import { toPlainText } from '@recac/engine-kit';

/** Words of the cluster, fit for a message. Longer than others may be: Pod Security lists every rule that is broken. */
export function toServerWords(text: string): string {
  return toPlainText(text, [], 1_000);
}
