const encoder = new TextEncoder();

/** What is wrong with text that has to reach a process byte for byte; `undefined` when nothing is. */
export function findTextProblem(text: string | Uint8Array): string | undefined {
  if (typeof text !== 'string') return text.includes(0) ? 'must not hold a NUL byte' : undefined;
  if (text.includes('\0')) return 'must not hold a NUL byte';
  if (/\p{Cs}/u.test(text))
    return 'must be well-formed Unicode, without lone surrogates (send other bytes as a Uint8Array)';
  return undefined;
}

/** Bytes of a text as a process receives it: UTF-8 of a string, or the bytes themselves. */
export function toByteLength(text: string | Uint8Array): number {
  return typeof text === 'string' ? encoder.encode(text).length : text.length;
}
