import { invalidArgument } from '@recac/engine-core';

/** Where `recac cp` reads or writes. */
export type CopyPlace =
  | {
      /** Standard input or output. */
      readonly type: 'stream';
    }
  | {
      /** This machine. */
      readonly type: 'local';
      /** A path. */
      readonly path: string;
    }
  | {
      /** A session. */
      readonly type: 'session';
      /** Its name. */
      readonly name: string;
      /** A path in it. */
      readonly path: string;
    };

/** A place in docker's spelling: `-`, a path, or `NAME:PATH`; what begins with `/` or `.` is a path whatever follows. Errors: `RECAC_INVALID_ARGUMENT`. */
export function parseCopyPlace(text: string, field: string): CopyPlace {
  if (text === '')
    throw invalidArgument(field, 'must not be empty', 'Write a path, or NAME:PATH for one in a session.');
  if (text === '-') return { type: 'stream' };
  const colon = text.indexOf(':');
  if (/^[/.]/.test(text) || colon === -1) return { type: 'local', path: text };
  const name = text.slice(0, colon);
  const path = text.slice(colon + 1);
  if (name === '' || path === '')
    throw invalidArgument(field, 'must have a name before the colon and a path after it', 'Write NAME:PATH.');
  return { type: 'session', name, path };
}
