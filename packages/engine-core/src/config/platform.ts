import { invalidArgument } from '../recac-error.ts';

const shape = /^[a-z0-9]+\/[a-z0-9_]+(\/[a-z0-9._]+)?$/;

/** Checks the platform of an image: `os/architecture`, or `os/architecture/variant`. Errors: `RECAC_INVALID_ARGUMENT`. */
export function validatePlatform(platform: string, field = 'platform'): void {
  if (!shape.test(platform))
    throw invalidArgument(
      field,
      'must be os/architecture or os/architecture/variant',
      'Write for example linux/arm64.',
    );
}
