import { leaseWatchScript } from '@recac/engine-kit';

/** Directory, on the volume at /tmp, that holds what is ours in an environment. Not hidden from `ls -a`; safe from `rm -rf /tmp/*`. */
export const stateDirectory = '/tmp/.recac';

/** Where records of commands are. */
export const runDirectory = `${stateDirectory}/run`;

/** HOME of the environment's user. */
export const homeDirectory = `${stateDirectory}/home`;

/**
 * POSIX sh, the main process of a container below its init. Parameters: the state directory, the lease in seconds or 0, the workspace where it must be
 * writable or nothing. It makes the directories, and asks for a repair (`fix`) by root when it cannot, then says `ok`. The first process comes over stdin as
 * the number of lines and a quoted command; it runs in the foreground, so that signals keep their defaults. SIGTERM has its default effect: this is not PID 1.
 */
export const keepAliveScript = `
${leaseWatchScript}
_rcprepare() {
  mkdir -p -m 1777 "$1" "$1/run" "$1/home" 2>/dev/null && { [ -z "$3" ] || [ -w "$3" ]; }
}
until _rcprepare "$@"; do
  echo fix
  read -r _rcline || break
done
[ "$2" = 0 ] || ( _rclease "$1/run" "$2"; kill -TERM $$ ) </dev/null >/dev/null 2>&1 &
echo ok
if read -r _rccount; then
  _rctext=
  while [ "$_rccount" -gt 0 ] && IFS= read -r _rcline; do
    _rctext="$_rctext$_rcline
"
    _rccount=$((_rccount - 1))
  done
  [ -z "$_rctext" ] || ( eval "exec $_rctext" )
fi
exec </dev/null >/dev/null 2>&1
while :; do
  sleep 3600 & wait $!
done
`;
