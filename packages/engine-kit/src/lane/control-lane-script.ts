/**
 * The dispatcher of a control lane: `sh -c <script> recac-control DIRECTORY RUNDIRECTORY`. It reads one line per request and runs it;
 * requests are calls of the functions below with arguments of `[A-Za-z0-9._-]` only. None of them forks in the common case but `_rcread`.
 *
 * `_rcpoll LANEPID LANESTART PID START SEGMENT` -> `OUTPOSITION ERRPOSITION ALIVE`, or `- - ALIVE` when the lane is gone; its pumps then end with the output.
 *   A lane that lives may have no position for a moment, while it changes its segment: it is asked again, since to take it for gone would end it. After some seconds without one the dispatcher ends, so that nothing stays
 *   behind of a client that has gone meanwhile.
 * `_rcstatus SEGMENT N` -> the lines of the log for command N, then `.`.
 * `_rclist` -> every log and meta line behind its segment, then `.`.
 * `_rcpools` -> the names of the pools, then `.`. Names that none of ours has are left out by both: one with a line break could end the answer.
 * `_rcread SEGMENT out|err OFFSET LENGTH` -> exactly LENGTH bytes; the lane ends when the record is gone.
 * `_rcsize SEGMENT` -> `OUTSIZE ERRSIZE`.
 * `_rcmark SEGMENT N CAUSE` -> `.`: says why the command is about to be ended.
 * `_rckill SIGNAL PID START` -> `1` signalled, `0` gone: to the whole group, or to the process alone while it leads none yet.
 * `_rcrelease LANEPID LANESTART SEGMENT` -> `1` or `0`: ends a wait for output held open by a background child. A lane that waits for deleted files is killed.
 * `_rcsweep MARKER SEGMENT N` -> `KILLED SURVIVORS…`: processes with the marker of command N in their environment or holding the segment's FIFOs; those belong to the next command once
 *   the log says that one has started, which is asked after looking. A command that leaves its FIFOs held has no next one in its segment. The marker is made a pattern, since `grep -F` of busybox
 *   looks no further than the first NUL.
 * `_rcforget SEGMENT…` -> `.`: removes records.
 * `_rcattach` -> `.`: writes down that a client has attached; `_rcattached` -> `1` when one ever has.
 * `_rclease TOKEN` -> `.`: shows life.
 *
 * It says `ready` first, or `foreign` where the directory is another user's, who could forge what is in it.
 */
export const controlLaneScript = `
_rcD=$1 _rcR=$2
exec 3>&1 4>&2 >/dev/null 2>/dev/null
LC_ALL=C
export LC_ALL
trap '' PIPE
umask 077
_rcis() {
  read -r _rcs <"/proc/$1/stat" || return 1
  _rcs=\${_rcs##*) }
  case $_rcs in Z*) return 1 ;; esac
  _rcw=$2
  set -- $_rcs
  shift 19
  [ "$1" = "$_rcw" ]
}
_rcpoll() {
  _rca=1 _rci=0
  _rcis "$3" "$4" || _rca=0
  while _rcis "$1" "$2"; do
    if read -r _rck _rco <"/proc/$1/fdinfo/7" && read -r _rck _rce <"/proc/$1/fdinfo/8"; then
      printf '%s %s %s\\n' "$_rco" "$_rce" "$_rca" >&3
      return
    fi
    _rci=$((_rci + 1))
    [ "$_rci" -lt 300 ] || exit 1
    [ "$_rci" -lt 20 ] || sleep 0.02 || sleep 1
  done
  _rcunpump "$5"
  printf -- '- - %s\\n' "$_rca" >&3
}
_rcunpump() {
  [ ! -p "$_rcD/$1.o.0" ] || [ ! -p "$_rcD/$1.e.1" ] || (
    exec 5<>"$_rcD/$1.o.0" 6<>"$_rcD/$1.o.1" 7<>"$_rcD/$1.e.0" 8<>"$_rcD/$1.e.1"
    rm -f "$_rcD/$1.o.0" "$_rcD/$1.o.1" "$_rcD/$1.e.0" "$_rcD/$1.e.1"
  )
}
_rcstatus() {
  if [ -r "$_rcD/$1.log" ]; then
    while read -r _rci _rcl; do
      [ "$_rci" != "$2" ] || printf '%s %s\\n' "$_rci" "$_rcl" >&3
    done <"$_rcD/$1.log"
  fi
  echo . >&3
}
_rcplain() {
  case $1 in *[!A-Za-z0-9_.-]*) return 1 ;; esac
}
_rclist() {
  for _rcf in "$_rcD"/*.log "$_rcD"/*.meta; do
    [ -r "$_rcf" ] && _rcplain "\${_rcf##*/}" || continue
    while read -r _rcl; do printf '%s %s\\n' "\${_rcf##*/}" "$_rcl" >&3; done <"$_rcf"
  done
  echo . >&3
}
_rcpools() {
  for _rcf in "$_rcR"/u-* "$_rcR"/default; do
    [ -d "$_rcf" ] && _rcplain "\${_rcf##*/}" || continue
    printf '%s\\n' "\${_rcf##*/}" >&3
  done
  echo . >&3
}
_rcread() {
  [ -r "$_rcD/$1.$2" ] || exit 1
  dd if="$_rcD/$1.$2" bs=131072 skip="$3" count="$4" iflag=skip_bytes,count_bytes >&3 </dev/null
}
_rcsize() {
  _rco=$(wc -c <"$_rcD/$1.out") _rce=$(wc -c <"$_rcD/$1.err")
  echo $((_rco + 0)) $((_rce + 0)) >&3
}
_rcmark() {
  printf '%s\\n' "$3" >"$_rcD/$1.$2.k"
  echo . >&3
}
_rckill() {
  if _rcis "$2" "$3" && { kill "-$1" "-$2" || kill "-$1" "$2"; }; then echo 1 >&3; else echo 0 >&3; fi
}
_rcrelease() {
  if ! _rcis "$1" "$2"; then echo 0 >&3; return; fi
  if [ -p "$_rcD/$3.o.0" ] && [ -p "$_rcD/$3.e.1" ]; then
    true >"$_rcD/$3.h"
    for _rcf in o.0 o.1 e.0 e.1; do true <>"$_rcD/$3.$_rcf"; done
  else
    case $(readlink "/proc/$1/fd/9" </dev/null) in *"/$3.log"*) kill -9 "$1" ;; esac
  fi
  echo 1 >&3
}
_rcmarked() {
  _rcw=$1 _rco=
  while :; do
    case $_rcw in *.*) _rco=$_rco\${_rcw%%.*}[.] _rcw=\${_rcw#*.} ;; *) break ;; esac
  done
  grep -al -e "$_rco$_rcw" /proc/[0-9]*/environ </dev/null
}
_rcnext() {
  while read -r _rcw _rco _rce; do
    [ "$_rco" != p ] || [ "$_rcw" -le "$2" ] || return 0
  done <"$_rcD/$1.log"
  return 1
}
_rcsweep() {
  _rck=0 _rci=0 _rcl=
  while :; do
    _rcl= _rch=
    for _rcf in $(_rcmarked "$1"); do
      _rcf=\${_rcf#/proc/}
      _rcl="$_rcl \${_rcf%%/*}"
    done
    for _rcf in /proc/[0-9]*; do
      if [ "$_rcf/fd/1" -ef "$_rcD/$2.o" ] || [ "$_rcf/fd/1" -ef "$_rcD/$2.e" ] ||
         [ "$_rcf/fd/2" -ef "$_rcD/$2.o" ] || [ "$_rcf/fd/2" -ef "$_rcD/$2.e" ]; then
        case " $_rcl " in *" \${_rcf#/proc/} "*) ;; *) _rch="$_rch \${_rcf#/proc/}" ;; esac
      fi
    done
    [ -z "$_rch" ] || _rcnext "$2" "$3" || _rcl=$_rcl$_rch
    [ -n "$_rcl" ] || break
    _rci=$((_rci + 1))
    [ "$_rci" -le 20 ] || break
    for _rcf in $_rcl; do kill -9 "$_rcf" && [ "$_rci" = 1 ] && _rck=$((_rck + 1)); done
    [ "$_rci" = 1 ] || sleep 0.05 || sleep 1
  done
  echo "$_rck$_rcl" >&3
}
_rcforget() {
  for _rcf in "$@"; do
    _rcunpump "$_rcf"
    rm -f "$_rcD/$_rcf".*
  done
  echo . >&3
}
_rcattach() {
  true >"$_rcR/attached"
  echo . >&3
}
_rcattached() {
  if [ -e "$_rcR/attached" ]; then echo 1 >&3; else echo 0 >&3; fi
}
_rclease() {
  printf '%s\\n' "$1" >"$_rcR/lease"
  echo . >&3
}
[ ! -e "$_rcD" ] || { [ -O "$_rcD" ] && [ ! -L "$_rcD" ]; } || { echo foreign >&3; exit 1; }
echo ready >&3
while IFS= read -r _rcq; do eval "$_rcq"; done
`;
