import { z } from 'zod';
import { pathField } from './path-field.ts';

/** Section `local` as it is written. */
export const localSectionSchema = z
  .strictObject({
    isolation: z
      .enum(['none', 'bwrap'])
      .default('none')
      .meta({
        description:
          'What separates a command from this machine: `none` means nothing does; `bwrap` is not in this version, and refused.',
        examples: ['none'],
      }),
    state_directory: pathField()
      .optional()
      .meta({
        description: 'Directory for the state of environments. Default: a directory private to the user.',
        examples: ['~/.local/state/recac'],
      }),
  })
  .prefault({})
  .meta({ description: 'Settings of the local engine, which runs commands as processes of this machine.' });
