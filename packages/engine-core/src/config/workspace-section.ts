import { z } from 'zod';
import { pathField } from './path-field.ts';
import { memoryField } from './quantity-field.ts';
import { textField } from './text-field.ts';

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
    include: z
      .array(z.string().min(1))
      .optional()
      .meta({
        description: 'Paths that are carried although they are ignored, relative to the directory.',
        examples: [['.env.test']],
      }),
    exclude: z
      .array(z.string().min(1))
      .optional()
      .meta({
        description: 'Patterns that are left out besides those of `.gitignore` and `.recacignore`.',
        examples: [['*.log', 'dist/']],
      }),
    history: z
      .union([z.enum(['none', 'full']), z.int().min(1)])
      .optional()
      .meta({
        description:
          'History that an environment gets with `git`: `none`, `full`, or the number of commits. Default: `none`, and `full` with `workspace.remote`.',
        examples: [50],
      }),
    remote: textField()
      .optional()
      .meta({
        description:
          'With `git`: the environment clones this by itself, and nothing of the working tree here goes in: an address, or the name of a remote of the repository.',
        examples: ['origin', 'https://example.com/team/shop.git'],
      }),
    branch: textField()
      .optional()
      .meta({
        description: 'Branch of `workspace.remote`. Default: the one that is checked out here.',
        examples: ['main'],
      }),
    upload_limit: memoryField()
      .optional()
      .meta({ description: 'Most that is uploaded. Default: `1Gi`.', examples: ['5Gi'] }),
  })
  .prefault({})
  .meta({ description: 'How files get into an environment and back.' });
