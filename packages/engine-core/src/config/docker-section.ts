import { z } from 'zod';
import { validateDockerHost } from './docker-host.ts';
import { validateIpv4Address } from './ipv4-address.ts';
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
    dns_servers: z
      .array(textField(validateIpv4Address))
      .optional()
      .meta({
        description:
          "Name servers of environments, by IPv4 address. Default: those of the daemon's machine, which are found only where that is this one.",
        examples: [['10.0.0.53']],
      }),
    host_addresses: z
      .array(textField(validateIpv4Address))
      .optional()
      .meta({
        description:
          "IPv4 addresses of the daemon's machine that the network `internet` blocks beside those that can be found out.",
        examples: [['203.0.113.7']],
      }),
  })
  .prefault({})
  .meta({ description: 'Settings of the Docker engine.' });
