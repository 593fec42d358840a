import { heldOutputScript } from './held-output-script.ts';

/**
 * The dispatcher that runs in every exec lane: `sh -c <script> recac-lane DIRECTORY LANE RECORD_LIMIT`. One command at a time,
 * POSIX sh only (dash, bash, busybox ash). Facts behind it: durable exec lanes in `docs/architecture.md`.
 *
 * Commands are numbered; a *segment* (`LANE-<generation>`) holds the records of up to 64 of them:
 * `.out` and `.err` one after the other, `.log` with the lines below, `.meta` with the client's description, `.o` and `.e` the FIFOs
 * that the running command writes to, `.o.0`, `.o.1`, `.e.0` and `.e.1` those where the pumps wait, `.d` how much a pump had to drop and `.f` that it has counted all of it, `.h` a release; of one command `.N.req` a long request, `.N.i` its fed stdin and `.N.k` why a client ends it. Of the lane itself,
 * `LANE.msg` takes what the shell says, which tells a death by a signal, and `LANE.x` is the FIFO that nobody reads. Creating a file costs 0.8 ms on ext4, appending 6 us: hence segments.
 *
 * `.log`: `N x FIELD REASON` when it was refused, `N p PID START LANEPID LANESTART OUTBASE ERRBASE LIMIT KILLS` when it started, `N c CODE[s] CAUSE` when it ended (`s`: by a signal; CAUSE: `-`, why a client ended it, or
 * `memory.KILLS` with code 137; KILLS: how many processes of the container the kernel has killed for memory, by cgroup v2 memory.events or v1 memory.oom_control, at the start as the request says it, which saves reading it),
 * `N n` when the line ended before its request came, `N e OUTEND ERREND OUTDROPPED ERRDROPPED HELD` when its output is complete. A line counts only with its newline.
 *
 * Replies on stdout: `ready PID START GENERATION`; `p N PID START OUTBASE ERRBASE LIMIT KILLS`; `x N FIELD REASON` (refused, nothing ran);
 * `r N CODE[s] OUTEND ERREND OUTDROPPED ERRDROPPED HELD NEXTGENERATION CAUSE`, followed by the output itself when it is at most 32 KiB.
 *
 * Descriptors: 1 what is read of the output record, 3 reply, 4 original stderr (kept open: closing it ends a Kubernetes exec), 5 6 FIFO write ends, 7 8 records, 9 log.
 * The command gets none of them. Reading a line costs a shell a system call or two per byte: requests are short. Names start with `_rc` because an exported variable of the same name would reach the command.
 *
 * Two pumps for each segment carry output from FIFO to record, so that no reader, slow or gone, can hold up the command. A pump is one
 * `cat - A - B - A …`: it copies its stdin, the FIFO, to the end of file, which comes when everybody has let go of it, and then waits at A until the dispatcher, too,
 * opens A: that proves the record complete. The dispatcher lets go of A when the next command can write. B is for every other command: a pump may still be about to leave A. So a command costs no process but its own.
 * The shell around `cat` reads on, and counts, when `cat` fails: at the limit of the file size, a little beyond the record limit, or because the disk is full; what `cat` held then
 * counts as 1. To `cat` stderr is a FIFO that nobody reads, so that it dies of its first complaint: that of busybox would go on to A.
 *
 * What a background child holds open is in `heldOutputScript`.
 * Pumps close by `exec` what is not theirs: a redirection of a function would keep a copy, and so the pumps before them.
 * Opening a FIFO is tried again, since in busybox the end of an old pump breaks it.
 * A FIFO for stdin that is still there at the end has a feeder that may be about to open it, and to wait for a reader: it is moved away, woken and removed.
 * A lane whose files were deleted ends without a reply. The subshell tells the end of the lane's stdin by USR2: a log that did not grow may be a full disk.
 */
export const execLaneScript = `
_rcD=$1 _rcL=$2 _rcC=$3
_rcu=$(umask)
exec 3>&1 4>&2 >/dev/null
if [ -n "\${LC_ALL+x}" ]; then _rcl=$LC_ALL _rcx='LC_ALL=$_rcl'; else _rcx='unset LC_ALL'; fi
LC_ALL=C
mkdir -p -m 700 "$_rcD" 2>/dev/null
[ ! -e "$_rcD" ] || { [ -O "$_rcD" ] && [ ! -L "$_rcD" ]; } || { echo 'x 0 directory foreign' >&3; exit 1; }
_rcwhere() {
  set -f
  IFS=:
  for _rcp in $PATH; do
    case $_rcp in /*) [ ! -f "$_rcp/$1" ] || [ ! -x "$_rcp/$1" ] || { _rcp=$_rcp/$1; break; } ;; esac
    _rcp=
  done
  unset IFS
  set +f
  [ -n "$_rcp" ] || _rcp=$(command -v "$1")
}
_rcwhere setsid || { echo 'x 0 setsid missing' >&3; exit 1; }
_rcsetsid=$_rcp
command -v mkfifo >/dev/null 2>&1 || { echo 'x 0 mkfifo missing' >&3; exit 1; }
_rcwhere env
_rcenv=$_rcp
umask 077
{ true >"$_rcD/$_rcL.msg"; } 2>/dev/null || { echo 'x 0 directory unwritable' >&3; exit 1; }
exec 2>"$_rcD/$_rcL.msg"
trap '' PIPE
trap '_rceof=1' USR2
_rcX=$_rcD/$_rcL.x
_rcN='
'
case \${BASH_VERSINFO:+$SHELLOPTS} in '' | *posix*) _rcF=512 ;; *) _rcF=1024 ;; esac
_rcF=$(((_rcC + 524288) / _rcF + 1))
_rcM=
for _rcp in /sys/fs/cgroup/memory.events /sys/fs/cgroup/memory/memory.oom_control; do
  [ ! -r "$_rcp" ] || _rcM=$_rcp
done
_rcmemory() {
  _rcv=0
  [ -z "$_rcM" ] || while read -r _rck _rcq; do
    [ "$_rck" != oom_kill ] || { _rcv=$_rcq; break; }
  done <"$_rcM"
}
_rcstart() {
  read -r _rcs <"/proc/$1/stat" || return 1
  _rcid=\${_rcs%% *}; _rcs=\${_rcs##*) }
  set -- $_rcs
  shift 19
  _rcs=$1
}
_rcstart self
_rcme=$_rcid _rcmes=$_rcs
_rcpump() {
  ulimit -c 0
  ulimit -f "$_rcF"
  trap - PIPE USR2
  _rcP=$1
  set -- - "$1.1" - "$1.0"
  set -- "$@" "$@" "$@" "$@" "$@" "$@"
  set -- "$@" "$@" "$@" "$@" "$@" "$@"
  while ( exec cat "$@" 6<>"$_rcX" 2>"$_rcX" 6>&- ); do :; done
  [ ! -p "$_rcP.0" ] || true >"$_rcP.d" || rm -f "$_rcP"
  _rck=$(wc -c)
  [ -e "$_rcP.d" ] || exit 0
  echo "$((_rck + 1))" >"$_rcP.d"
  true >"$_rcP.f"
  while [ -e "$_rcP.f" ] && [ -p "$_rcP.0" ] && kill -0 $$; do
    true >"$_rcS.h"
    true <>"$_rcP.0"
    true <>"$_rcP.1"
    sleep 0.05 || sleep 1
  done
}
_rcopen5() {
  until command exec 5>"$1"; do [ -p "$1" ] || exit 1; done
}
_rcopen6() {
  until command exec 6>"$1"; do [ -p "$1" ] || exit 1; done
}
_rcsegment() {
  _rcg=$((_rcg + 1)) _rcS=$_rcD/$_rcL-$_rcg _rcf=0 _rco=0 _rce=0 _rct=0 _rca=0
  mkfifo -m 666 "$@" "$_rcS.o" "$_rcS.o.0" "$_rcS.o.1" "$_rcS.e" "$_rcS.e.0" "$_rcS.e.1"
  exec 7>"$_rcS.out" 8>"$_rcS.err" 9>"$_rcS.log"
  exec 1<"$_rcS.out"
  ( exec 3>&- 4>&- 5>&- 6>&- 1>&7 2>/dev/null 7>&- 8>&- 9>&- <"$_rcS.o"; _rcpump "$_rcS.o" ) & _rcpo=$!
  ( exec 3>&- 4>&- 5>&- 6>&- 1>&8 2>/dev/null 7>&- 8>&- 9>&- <"$_rcS.e"; _rcpump "$_rcS.e" ) & _rcpe=$!
}
_rclease() {
  printf '%s\\n' "$1" >"\${_rcD%/*}/lease"
}
_rcbegin() {
  trap - PIPE USR2
  umask "$_rcu"
  unset OLDPWD SHLVL
  eval "$_rcx"
  _rcstart self
  printf '%s %s\\n' "$_rcn" "$1" >>"$_rcS.meta"
  _rccd "$2"
  _rcv=$3
  [ -n "$_rcv" ] || _rcmemory
  printf '%s p %s %s %s %s %s %s %s %s\\n' "$_rcn" "$_rcid" "$_rcs" "$_rcme" "$_rcmes" "$_rco" "$_rce" "$_rcC" "$_rcv" >&9
  printf 'p %s %s %s %s %s %s %s\\n' "$_rcn" "$_rcid" "$_rcs" "$_rco" "$_rce" "$_rcC" "$_rcv" >&3
}
_rcrefuse() {
  printf '%s x %s %s\\n' "$_rcn" "$1" "$2" >&9
  printf 'x %s %s %s\\n' "$_rcn" "$1" "$2" >&3
  exit 125
}
_rcunfeed() {
  [ -p "$1" ] || return 0
  mv "$1" "$1.0" 2>/dev/null
  true <>"$1.0"
  rm -f "$1.0"
}
_rccd() {
  [ -e "$1" ] || _rcrefuse workingDirectory missing
  [ -d "$1" ] || _rcrefuse workingDirectory file
  cd -P -- "$1" || _rcrefuse workingDirectory denied
  case $PWD/ in /proc/*) _rcrefuse workingDirectory proc ;; esac
}
_rcfind() {
  case $1 in
    -*) ;;
    */*)
      [ -e "$1" ] || _rccannot 127 "$1" 'not found'
      [ ! -d "$1" ] || _rccannot 126 "$1" 'is a directory'
      [ -x "$1" ] || _rccannot 126 "$1" 'permission denied'
      ;;
    *) command -v "$1" >/dev/null 2>&1 || _rccannot 127 "$1" 'not found' ;;
  esac
}
_rccannot() {
  printf '%s: %s\\n' "$2" "$3" >&6
  exit "$1"
}
_rcrun() {
  _rcwith "$1" "$_rcsetsid" -- "$@"
}
_rcwith() {
  _rcfind "$1"
  shift
  exec "$@" >&5 2>&6 3>&- 4>&- 5>&- 6>&- 7>&- 8>&- 9>&-
}
${heldOutputScript}
_rcover() {
  _rcv=0
  if [ -e "$1" ]; then
    _rcf=64
    read -r _rcv <"$1"
    _rcv=\${_rcv:-1}
    rm -f "$1"
  fi
  [ "$(($2 - $3))" -gt "$_rcC" ] || return 0
  _rcv=$((_rcv + $2 - $3 - _rcC))
  return 1
}
_rccause() {
  _rcy=-
  if [ -r "$_rcS.$_rcn.k" ]; then
    read -r _rcy <"$_rcS.$_rcn.k"
    return
  fi
  case $_rcc in 137*) _rcmemory; _rcy=memory.$_rcv ;; esac
}
_rctext() {
  _rck=$1
  while [ "$_rck" -gt 0 ]; do
    IFS= read -r _rcq && _rcq=$_rcq$_rcN || [ -n "$_rcq" ] || return 1
    case $_rcq in *[!\\	$_rcN\\ -~]*) return 1 ;; esac
    _rcz=$_rcz$_rcq _rck=$((_rck - \${#_rcq}))
  done <&1
  [ "$_rck" = 0 ]
}
_rcslice() {
  [ "$3" -gt "$2" ] || return 0
  dd if="$1" bs=65536 skip="$2" count="$(($3 - $2))" iflag=skip_bytes,count_bytes >&3 2>/dev/null </dev/null 3>&- 4>&- 5>&- 6>&- 7>&- 8>&- 9>&-
}
_rcn=0 _rcg=0 _rceof=0
_rcsegment "$_rcX"
echo "ready $_rcme $_rcmes $_rcg" >&3
while :; do
  _rcn=$((_rcn + 1)) _rca=$((1 - _rca)) _rch=0 _rci=0 _rcz=
  _rcopen5 "$_rcS.o"
  _rcopen6 "$_rcS.e"
  read -r _rck _rcm </proc/self/fdinfo/2
  read -r _rck _rcw </proc/self/fdinfo/9
  (
    IFS= read -r _rcq || {
      kill -USR2 $$
      exit 0
    }
    case $_rcq in
      'f '*)
        dd bs="\${_rcq#f }" count=1 iflag=fullblock >"$_rcS.$_rcn.req" 2>/dev/null
        . "$_rcS.$_rcn.req"
        ;;
      *) eval "$_rcq" ;;
    esac
  ) 2>/dev/null
  _rcc=$?
  read -r _rck _rcq </proc/self/fdinfo/9
  if [ "$_rceof" = 1 ] && [ "$_rcq" = "$_rcw" ]; then
    echo "$_rcn n" >&9
    _rcunfeed "$_rcS.$_rcn.i"
    rm -f "$_rcS.o" "$_rcS.o.0" "$_rcS.o.1" "$_rcS.e" "$_rcS.e.0" "$_rcS.e.1" "$_rcX" "$_rcD/$_rcL.msg"
    [ "$_rcw" != 0 ] || rm -f "$_rcS.out" "$_rcS.err"
    exit 0
  fi
  read -r _rck _rcq </proc/self/fdinfo/2
  [ "$_rcq" = "$_rcm" ] || _rcc=\${_rcc}s
  _rccause
  printf '%s c %s %s\\n' "$_rcn" "$_rcc" "$_rcy" >&9
  _rcunfeed "$_rcS.$_rcn.i"
  exec 5>&- 6>&-
  [ -p "$_rcS.o.$_rca" ] && [ -p "$_rcS.e.$_rca" ] || exit 1
  [ -e "$_rcS.h" ] || _rcopen5 "$_rcS.o.$_rca"
  [ -e "$_rcS.h" ] || _rcopen6 "$_rcS.e.$_rca"
  [ ! -e "$_rcS.h" ] || _rcreleased
  _rcob=$_rco _rceb=$_rce _rcf=$((_rcf + 1)) _rcT=$_rcS
  read -r _rck _rco </proc/self/fdinfo/7
  read -r _rck _rce </proc/self/fdinfo/8
  _rcoe=$_rco _rcee=$_rce
  _rcover "$_rcS.o.d" "$_rco" "$_rcob" || _rcoe=$((_rcob + _rcC))
  _rcov=$_rcv
  _rcover "$_rcS.e.d" "$_rce" "$_rceb" || _rcee=$((_rceb + _rcC))
  printf '%s e %s %s %s %s %s\\n' "$_rcn" "$_rcoe" "$_rcee" "$_rcov" "$_rcv" "$_rch" >&9
  _rcd=$((_rcoe - _rcob))
  if [ "$_rcd" -gt 0 ] && [ "$_rcd" -le 512 ] && [ "$_rct" = "$_rcob" ] && [ "$_rch$_rcov" = 00 ]; then
    _rct=$_rcoe
    _rctext "$_rcd" || _rct=-1 _rcz=
  fi
  if [ "$_rcf" -ge 64 ] || [ "$((_rco + _rce))" -gt 262144 ]; then
    _rcsegment
    rm -f "$_rcT.o" "$_rcT.o.0" "$_rcT.o.1" "$_rcT.e" "$_rcT.e.0" "$_rcT.e.1"
  fi
  [ -f "$_rcT.out" ] && [ -f "$_rcT.err" ] && [ -p "$_rcS.o" ] && [ -p "$_rcS.e" ] || exit 1
  printf 'r %s %s %s %s %s %s %s %s %s\\n%s' "$_rcn" "$_rcc" "$_rcoe" "$_rcee" "$_rcov" "$_rcv" "$_rch" "$_rcg" "$_rcy" "$_rcz" >&3
  if [ "$((_rcoe - _rcob + _rcee - _rceb))" -le 32768 ]; then
    [ -n "$_rcz" ] || _rcslice "$_rcT.out" "$_rcob" "$_rcoe"
    _rcslice "$_rcT.err" "$_rceb" "$_rcee"
  fi
done
`;

/** Output of at most this many bytes, both streams, follows the reply of its command. */
export const inlineOutputLimit = 32_768;
