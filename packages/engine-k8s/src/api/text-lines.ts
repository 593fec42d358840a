import type { Buffer } from 'node:buffer';
import { StringDecoder } from 'node:string_decoder';

const longestLine = 16 * 1_048_576;

/** Splits bytes into lines as they come, one chunk at a time: who does not ask is not sent more. A last line without its end is yielded too. */
export async function* toLines(body: AsyncIterable<Buffer>): AsyncGenerator<string, void, void> {
  const decoder = new StringDecoder('utf8');
  let parts: string[] = [];
  let length = 0;
  for await (const chunk of body) {
    const pieces = decoder.write(chunk).split('\n');
    for (const piece of pieces.slice(0, -1)) {
      parts.push(piece);
      yield parts.join('');
      parts = [];
      length = 0;
    }
    const rest = pieces.at(-1) ?? '';
    length += rest.length;
    if (length > longestLine) throw new RangeError(`a line is longer than ${longestLine} characters`);
    if (rest !== '') parts.push(rest);
  }
  const last = parts.join('') + decoder.end();
  if (last !== '') yield last;
}
