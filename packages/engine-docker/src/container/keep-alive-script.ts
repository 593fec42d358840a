import { leaseWatchScript } from '@recac/engine-kit';

/** Directory, on the volume at /tmp, that holds what is ours in an environment. Not hidden from `ls -a`; safe from `rm -rf /tmp/*`. */
export const stateDirectory = '/tmp/.recac';

/** Where records of commands are. */
export const runDirectory = `${stateDirectory}/run`;

/** HOME of the environment's user. */
export const homeDirectory = `${stateDirectory}/home`;

/** What the main process says, a line each, before the first process has its streams. */
export const mainProcessLines = {
  /** It cannot make its directories, and looks again after a line on stdin. */
  stateNotWritable: 'fix',
  /** The workspace cannot be written. The first process is started all the same. */
  workspaceNotWritable: 'fix workspace',
  /** The first process is started. */
  ready: 'ok',
} as const;

const { stateNotWritable, workspaceNotWritable, ready } = mainProcessLines;

/**
 * POSIX sh, the main process of a container below its init. Parameters: the state directory, the lease in seconds or 0, the workspace where it must be
 * writable or nothing, then the first process. It makes the directories, and asks for a repair by root when it cannot, or may not write to the workspace. The first
 * process has its streams, and runs in the foreground, so that signals keep their defaults. SIGTERM has its default effect: this is not PID 1.
 */
export const keepAliveScript = `
${leaseWatchScript}
until mkdir -p -m 1777 "$1" "$1/run" "$1/home" 2>/dev/null; do
  echo ${stateNotWritable}
  read -r _rcline || break
done
[ -z "$3" ] || [ -w "$3" ] || echo ${workspaceNotWritable}
[ "$2" = 0 ] || ( _rclease "$1/run" "$2"; kill -TERM $$ ) </dev/null >/dev/null 2>&1 &
echo ${ready}
( shift 3; exec "$@" )
exec </dev/null >/dev/null 2>&1
while :; do
  sleep 3600 & wait $!
done
`;
