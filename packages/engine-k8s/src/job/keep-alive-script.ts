import { leaseWatchScript } from '@recac/engine-kit';

/** Where records of commands are; a volume of its own, so it exists before any process does. */
export const runDirectory = '/tmp/.recac/run';

/**
 * When the first main process of the pod started, in the kernel's ticks. Volumes outlive a container that is started again, so a later main process finds the file, and leaves
 * it: whoever opens a shell sees that it is not the first.
 */
export const mainProcessFile = `${runDirectory}/.main`;

/** HOME of the environment's user; a volume of its own. */
export const homeDirectory = '/tmp/.recac/home';

/** How the main process ends when it ends by itself: exit codes, and what it says in the container's termination message. */
export const keepAliveEnds = {
  /** The lease ran out. Success, so that no restart policy starts the container again. */
  leaseExpired: { exitCode: 0, message: 'recac: the lease ran out' },
  /** The workspace cannot be written by the environment's user. */
  workspaceNotWritable: { exitCode: 73, message: 'recac: the workspace cannot be written' },
} as const;

const { leaseExpired, workspaceNotWritable } = keepAliveEnds;

/**
 * POSIX sh, process 1 of a container. Parameters: the run directory, the lease in seconds or 0, the workspace where it must be writable or nothing.
 * As process 1 it must trap SIGTERM to be stopped by it; every `wait` also reaps what was left behind by others.
 */
export const keepAliveScript = `
${leaseWatchScript}
_rcend() {
  [ ! -w /dev/termination-log ] || echo "$2" >/dev/termination-log
  echo "$2" >&2
  exit "$1"
}
_rcfirst() {
  [ ! -e "$1/.main" ] || return 0
  IFS= read -r _rcs <"/proc/$$/stat"
  set -- "$1" \${_rcs##*) }
  echo "\${21}" >"$1/.main"
}
trap 'exit 143' TERM
_rcfirst "$1" 2>/dev/null
[ -z "$3" ] || [ -w "$3" ] || _rcend ${workspaceNotWritable.exitCode} '${workspaceNotWritable.message}'
while [ "$2" = 0 ]; do
  sleep 3600 & wait $!
done
_rclease "$1" "$2"
_rcend ${leaseExpired.exitCode} '${leaseExpired.message}'
`;
