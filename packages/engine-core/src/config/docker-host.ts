import { invalidArgument } from '../recac-error.ts';

const shape = /^(unix|tcp|http|https|ssh|npipe):\/\/[^\s]+$/;

/** Checks the address of a Docker daemon: a URL with a scheme that Docker knows and no password. Errors: `RECAC_INVALID_ARGUMENT`. */
export function validateDockerHost(host: string, field = 'host'): void {
  const nextStep = 'Use for example unix:///var/run/docker.sock or ssh://user@host.';
  if (!shape.test(host))
    throw invalidArgument(
      field,
      'must be a URL that begins with unix://, tcp://, http://, https://, ssh:// or npipe://',
      nextStep,
    );
  if (/^[a-z]+:\/\/[^/@]*:[^/@]*@/.test(host)) throw invalidArgument(field, 'must not hold a password', nextStep);
}
