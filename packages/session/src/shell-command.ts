/**
 * A script as a command: `/bin/bash -c SCRIPT`, or `/bin/sh -c SCRIPT` where the environment has no bash. The script travels as one argument, byte for
 * byte, and is `$0`-less as with `bash -c`.
 */
export function toShellCommand(script: string | Uint8Array): readonly (string | Uint8Array)[] {
  return [
    '/bin/sh',
    '-c',
    'if [ -x /bin/bash ]; then exec /bin/bash -c "$1"; else exec /bin/sh -c "$1"; fi',
    'sh',
    script,
  ];
}

/** An interactive login shell: bash where the environment has one, else sh. */
export function toLoginShellCommand(): readonly string[] {
  return ['/bin/sh', '-c', 'if [ -x /bin/bash ]; then exec /bin/bash -l; else exec /bin/sh -l; fi'];
}
