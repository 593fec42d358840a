import type { z } from 'zod';
import { toByteLength } from '../process-text.ts';
import { invalidArgument } from '../recac-error.ts';
import { maximumPathBytes } from '../working-directory.ts';
import { textField } from './text-field.ts';

/** A path on the user's machine. `~/` is the home directory; `~user` is refused. */
export function pathField(): z.ZodString {
  return textField((path, field) => {
    if (/^~[^/]/.test(path)) {
      throw invalidArgument(field, 'must not begin with ~user', 'Write the path in full; only ~/ is understood.');
    }
    if (toByteLength(path) > maximumPathBytes) {
      throw invalidArgument(field, `must not exceed ${maximumPathBytes} bytes`, 'Use a shorter path.');
    }
  });
}
