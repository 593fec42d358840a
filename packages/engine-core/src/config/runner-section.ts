import { z } from 'zod';
import { validateBackendName } from './backend-name.ts';
import { textField } from './text-field.ts';

/** Section `runner` as it is written. */
export const runnerSectionSchema = z
  .strictObject({
    backend: textField(validateBackendName)
      .optional()
      .meta({
        description:
          'What runs the environments: `local`, `docker`, `kubernetes`, or the name of a package with an engine. Without it `docker` is used when a daemon answers; `local` never is.',
        examples: ['kubernetes', 'docker', 'local'],
      }),
  })
  .prefault({})
  .meta({ description: 'What runs the environments.' });
