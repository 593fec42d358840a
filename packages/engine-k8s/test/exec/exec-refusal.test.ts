import { expect, test } from 'vitest';
import { explainExecRefusal } from '../../src/exec/exec-refusal.ts';

test.each([
  // runc, crun, gVisor.
  [
    'OCI runtime exec failed: exec failed: unable to start container process: exec: "sh": executable file not found in $PATH: unknown',
    'NoShell',
  ],
  ['exec failed: executable file `sh` not found in $PATH: No such file or directory', 'NoShell'],
  [
    "crun: executable file 'sh' not found in $PATH: No such file or directory: OCI runtime attempted to invoke a command that was not found",
    'NoShell',
  ],
  ['error finding executable "sh" in PATH [/bin /usr/bin]: no such file or directory', 'NoShell'],
  ['exec failed: unable to start container process: exec /bin/sh: no such file or directory', 'NoShell'],
  // A container that ends meanwhile.
  [
    'exec failed: unable to start container process: error adding pid 4711 to cgroups: failed to write 4711: open /sys/fs/cgroup/x/cgroup.procs: no such file or directory',
    undefined,
  ],
  ['failed to create exec fifo: stat /run/containerd/fifo/1: no such file or directory', undefined],
  ['container is not running: open /proc/12/ns: exec: "sh": executable file not found', 'EnvironmentNotFound'],
] as const)('%s', (message, reason) => {
  const error = explainExecRefusal(message, 'namespace/name/uid');
  const found = error?.code === 'RECAC_ENVIRONMENT_NOT_FOUND' ? 'EnvironmentNotFound' : error?.details.reason;
  expect(found).toBe(reason);
});
