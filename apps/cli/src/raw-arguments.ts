import { readFileSync } from 'node:fs';

const replacement = '\ufffd';

/**
 * The last arguments of our command line as the bytes they were typed in. Node decodes arguments as UTF-8 and loses what is not; where the system
 * still has the original (`/proc/self/cmdline`), this gives it back. Without a lost byte, or without such a file, the strings themselves.
 */
export function toRawArguments(last: readonly string[]): readonly (string | Uint8Array)[] {
  if (!last.some((argument) => argument.includes(replacement))) return last;
  const all = readCommandLine();
  if (all === undefined || all.length < last.length) return last;
  const tail = all.slice(all.length - last.length);
  const isSame = tail.every((bytes, index) => bytes.toString() === last[index]);
  return isSame ? tail : last;
}

function readCommandLine(): readonly Buffer[] | undefined {
  try {
    return splitAtNul(readFileSync('/proc/self/cmdline'));
  } catch {
    return undefined;
  }
}

function splitAtNul(bytes: Buffer): readonly Buffer[] {
  const parts: Buffer[] = [];
  for (let from = 0; from < bytes.length; ) {
    const found = bytes.indexOf(0, from);
    const end = found === -1 ? bytes.length : found;
    parts.push(bytes.subarray(from, end));
    from = end + 1;
  }
  return parts;
}
