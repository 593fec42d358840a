import { leaseWatchScript } from '@recac/engine-kit';

/**
 * Watches the lease of one local environment: `sh -c <script> recac-keeper RUNDIRECTORY SECONDS DIRECTORY VARIABLE`. When no client has shown life
 * for that long, it kills the environment's processes and removes its directory, first by its name. It goes by itself when the directory is gone.
 */
export const keeperScript = `${leaseWatchScript}
trap '' HUP
exec </dev/null >/dev/null 2>&1
_rclease "$1" "$2"
_rctries=0
while [ "$_rctries" -lt 20 ]; do
  _rcany=
  for _rcfile in $(grep -alxF -z -e "$4" /proc/[0-9]*/environ 2>/dev/null); do
    _rcpid=\${_rcfile#/proc/}
    _rcpid=\${_rcpid%%/*}
    [ "$_rcpid" = "$$" ] || { kill -9 "$_rcpid" 2>/dev/null && _rcany=1; }
  done
  [ -n "$_rcany" ] || break
  _rctries=$((_rctries + 1))
  sleep 0.1
done
_rcgone=\${3%/*}/.old-$$
[ -f "$3/environment.json" ] && mv "$3" "$_rcgone" || exit 0
rm -rf "$_rcgone" || {
  find "$_rcgone" -type d ! -perm -700 -exec chmod u+rwx {} \\;
  rm -rf "$_rcgone"
}
`;
