import { z } from 'zod';
import { validateDockerHost } from './docker-host.ts';
import { textField } from './text-field.ts';

/** Section `docker` as it is written. */
export const dockerSectionSchema = z
  .strictObject({
    host: textField(validateDockerHost)
      .optional()
      .meta({
        description: 'Address of the daemon. Default: as the docker command finds it.',
        examples: ['unix:///var/run/docker.sock', 'ssh://user@build-machine'],
      }),
    context: textField()
      .optional()
      .meta({ description: 'Docker context. Default: as the docker command finds it.', examples: ['rootless'] }),
    hardening: z
      .enum(['full', 'docker-default'])
      .default('full')
      .meta({
        description:
          'What is taken from containers. `full`: no capabilities, no new privileges, a read-only root. `docker-default`: what `docker run` gives, for images that need root; weaker.',
        examples: ['docker-default'],
      }),
  })
  .prefault({})
  .meta({ description: 'Settings of the Docker engine.' });
