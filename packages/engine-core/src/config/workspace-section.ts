import { z } from 'zod';
import { pathField } from './path-field.ts';

/** Section `workspace` as it is written. */
export const workspaceSectionSchema = z
  .strictObject({
    strategy: z
      .enum(['auto', 'bind', 'host-path', 'pvc', 'git', 'upload', 'none'])
      .default('auto')
      .meta({
        description: 'How the files get into an environment and back. `auto` picks one and says which and why.',
        examples: ['git', 'pvc'],
      }),
    path: pathField()
      .optional()
      .meta({
        description: 'Directory of the project. Default: the working directory.',
        examples: ['.', '~/projects/shop'],
      }),
  })
  .prefault({})
  .meta({ description: 'How files get into an environment and back.' });
