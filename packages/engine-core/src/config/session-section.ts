import { z } from 'zod';
import { parseImageReference } from '../image-reference.ts';
import { validateUser } from '../user.ts';
import { durationField, durationOrNoneField } from './duration-field.ts';
import { validatePlatform } from './platform.ts';
import { resourcesSection } from './resources-section.ts';
import { textField } from './text-field.ts';

/** Section `session` as it is written. */
export const sessionSectionSchema = z
  .strictObject({
    image: textField(parseImageReference)
      .optional()
      .meta({ description: 'Image of the environment; engines with images need one.', examples: ['node:24'] }),
    pull: z
      .enum(['if-missing', 'always', 'never'])
      .optional()
      .meta({
        description: 'When the image is pulled. Default: `if-missing`.',
        examples: ['always'],
      }),
    platform: textField(validatePlatform)
      .optional()
      .meta({ description: "Platform of the image. Default: the engine's own.", examples: ['linux/arm64'] }),
    timeout: durationOrNoneField({ minimumMs: 1 })
      .default('none')
      .meta({ description: 'Longest time of a command; `none` for no limit.', examples: ['1h30m'] }),
    idle_timeout: durationOrNoneField({ minimumMs: 1 })
      .default('none')
      .meta({ description: 'Longest time that a command may write nothing; `none` for no limit.', examples: ['10m'] }),
    pending_timeout: durationField({ minimumMs: 1 })
      .default('5m')
      .meta({ description: 'Longest wait until an environment is ready.', examples: ['90s'] }),
    lease: durationOrNoneField({ minimumMs: 1_000 })
      .default('15m')
      .meta({
        description:
          'An environment removes itself when no client showed life for this long; `none` to keep it until it is stopped. One of `recac start` has no lease unless this is set.',
        examples: ['1h'],
      }),
    checkpoint: durationOrNoneField({ minimumMs: 1_000 })
      .optional()
      .meta({
        description:
          'How often the work is brought back while a session goes on; `none` for only at its end. Default: `5m` for `git` where the files end with the environment (Kubernetes without a claim), else `none`.',
        examples: ['5m'],
      }),
    kill_grace: durationField()
      .default('5s')
      .meta({ description: 'Time between SIGTERM and SIGKILL when a command is ended.', examples: ['10s', '0s'] }),
    user: textField(validateUser)
      .optional()
      .meta({
        description: "User of every command: a name, a uid or uid:gid. Default: the engine's.",
        examples: ['node', '1000:1000'],
      }),
    env: z
      .record(z.string(), z.string())
      .default({})
      .meta({
        description: 'Variables of every command. No place for secrets: the file is plain text.',
        examples: [{ CI: '1' }],
      }),
    network: z
      .enum(['none', 'internet', 'open'])
      .optional()
      .meta({
        description:
          "How much of the network a command may reach. Default: the engine's, which is `none` on Docker and Kubernetes; agents need `internet`.",
        examples: ['internet'],
      }),
    resources: resourcesSection(
      'What an environment asks for and may use, on every engine that can limit it; wins over `kubernetes.resources`.',
    ),
  })
  .prefault({})
  .meta({ description: 'Defaults of every session.' });
