/**
 * The dispatcher that runs in every exec lane: `sh -c <script> recac-lane DIRECTORY LANE RECORD_LIMIT`. One command at a time,
 * POSIX sh only (dash, bash, busybox ash). Facts behind it: durable exec lanes in `docs/architecture.md`.
 *
 * Commands are numbered; a *segment* (`LANE-<generation>`) holds the records of up to 32 of them:
 * `.out` and `.err` one after the other, `.log` with the lines below, `.meta` with the client's description, `.o` and `.e` the FIFOs
 * that the running command writes to. Creating a file costs 0.8 ms on ext4, appending 6 us: hence segments.
 *
 * `.log`: `N x FIELD REASON` when it was refused, `N p PID START LANEPID LANESTART OUTBASE ERRBASE` when it started, `N c CODE[s] CAUSE` when it ended (`s`: by a signal; CAUSE: `-`, or why a client ended it),
 * `N n` when the line ended before its request came, `N e OUTEND ERREND OUTDROPPED ERRDROPPED HELD` when its output is complete. A line counts only with its newline.
 *
 * Replies on stdout: `ready PID START GENERATION`; `p N PID START OUTBASE ERRBASE`; `x N FIELD REASON` (refused, nothing ran);
 * `r N CODE[s] OUTEND ERREND OUTDROPPED ERRDROPPED HELD NEXTGENERATION CAUSE`, followed by the output itself when it is at most 32 KiB.
 *
 * Descriptors: 3 reply, 4 original stderr (kept open: closing it ends a Kubernetes exec), 5 6 FIFO write ends, 7 8 records, 9 log.
 * The command gets none of them. Names start with `_rc` because an exported variable of the same name would reach the command.
 * Two pumps (`dd`, whose count is of reads, hence its restarts, and which may warn of short reads before it says the count) carry output from FIFO to record, so that no reader, slow or gone, can hold up the command, and
 * end of file proves the record complete. A pump that cannot write counts what it drops, at least 1, and a count that cannot be written is 1: a full disk shows.
 * A lane whose files were deleted ends without a reply. The subshell tells the end of the lane's stdin by USR2: a log that did not grow may be a full disk. When a background child keeps a FIFO open, USR1 releases the wait;
 * then a pump that sleeps in its read has copied all there was, and another process holds the FIFO;
 * so has one that copied more since than a pipe can hold (1 MiB), for a writer that never pauses. At any other time USR1 is ignored, since it would break the opening of a FIFO.
 */
export const execLaneScript = `
_rcD=$1 _rcL=$2 _rcC=$3
_rcu=$(umask)
exec 3>&1 4>&2 >/dev/null
if [ -n "\${LC_ALL+x}" ]; then _rcl=$LC_ALL _rcx='LC_ALL=$_rcl'; else _rcx='unset LC_ALL'; fi
LC_ALL=C
mkdir -p -m 700 "$_rcD" 2>/dev/null
_rcsetsid=$(command -v setsid) || { echo 'x 0 setsid missing' >&3; exit 1; }
command -v mkfifo >/dev/null 2>&1 || { echo 'x 0 mkfifo missing' >&3; exit 1; }
_rcenv=$(command -v env)
umask 077
( : >"$_rcD/$_rcL.msg" ) 2>/dev/null || { echo 'x 0 directory unwritable' >&3; exit 1; }
exec 2>"$_rcD/$_rcL.msg"
trap '' PIPE
trap '' USR1
trap '_rceof=1' USR2
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
  _rcb=65536
  while :; do
    read -r _rck _rcP </proc/self/fdinfo/1
    _rcP=$((_rcC + $2 - _rcP))
    [ "$_rcP" -gt 0 ] || break
    [ "$_rcP" -ge 65536 ] || _rcb=$_rcP
    LC_ALL=C dd bs="$_rcb" count="$((_rcP / _rcb))" 2>"$1.dd" || {
      : >"$1"
      _rcP=$(wc -c)
      echo "$((_rcP + 1))" 2>/dev/null >"$1"
      return 0
    }
    while read -r _rck _rcq; do case $_rck in *+*) break ;; esac; done <"$1.dd"
    [ "$((\${_rck:-0}))" -ge "$((_rcP / _rcb))" ] || return 0
  done
  wc -c >"$1" || cat >/dev/null
}
_rcsegment() {
  _rcg=$((_rcg + 1)) _rcS=$_rcD/$_rcL-$_rcg _rcf=0 _rco=0 _rce=0
  mkfifo -m 666 "$_rcS.o" "$_rcS.e"
  exec 7>"$_rcS.out" 8>"$_rcS.err" 9>"$_rcS.log"
}
_rcbegin() {
  trap - PIPE USR1 USR2
  umask "$_rcu"
  unset OLDPWD SHLVL
  eval "$_rcx"
  _rcstart self
  printf '%s %s\\n' "$_rcn" "$1" >>"$_rcS.meta"
}
_rcstarted() {
  printf '%s p %s %s %s %s %s %s\\n' "$_rcn" "$_rcid" "$_rcs" "$_rcme" "$_rcmes" "$_rco" "$_rce" >&9
  printf 'p %s %s %s %s %s\\n' "$_rcn" "$_rcid" "$_rcs" "$_rco" "$_rce" >&3
}
_rcrefuse() {
  printf '%s x %s %s\\n' "$_rcn" "$1" "$2" >&9
  printf 'x %s %s %s\\n' "$_rcn" "$1" "$2" >&3
  [ ! -p "$_rcS.$_rcn.i" ] || : <>"$_rcS.$_rcn.i"
  exit 125
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
_rcstate() {
  _rcs=
  read -r _rcs <"/proc/$1/stat"
  _rcs=\${_rcs##*) }
  case $_rcs in ''|[ZX]*) return 1 ;; esac
}
_rcsettled() {
  _rcstate "$1" || return 0
  _rck=
  read -r _rck <"/proc/$1/task/$1/children"
  [ -n "$_rck" ] || return 1
  for _rck in $_rck; do
    _rcstate "$_rck" || return 1
    case $_rcs in S*) ;; *) return 1 ;; esac
  done
}
_rcdrained() {
  _rcsettled "$1" && return 0
  [ ! -e "$2" ] || return 0
  read -r _rck _rcP <"/proc/self/fdinfo/$3"
  [ "$((_rcP - $4))" -gt 1310720 ]
}
_rcdrain() {
  trap '_rcr=1' USR1
  wait "$_rcpo" "$_rcpe"
  trap '' USR1
  [ "$_rcr" = 1 ] || return 0
  read -r _rck _rcp7 </proc/self/fdinfo/7
  read -r _rck _rcp8 </proc/self/fdinfo/8
  until _rcdrained "$_rcpo" "$_rcS.oo" 7 "$_rcp7" && _rcdrained "$_rcpe" "$_rcS.eo" 8 "$_rcp8"; do
    _rci=$((_rci + 1))
    [ "$_rci" -lt 200 ] || sleep 0.02 || sleep 1
    [ -r "/proc/$_rcme/task/$_rcme/children" ] || [ "$_rci" -lt 250 ] || break
  done
  if _rcstate "$_rcpo" || _rcstate "$_rcpe"; then _rch=1; fi
}
_rcover() {
  _rcv=0
  [ -e "$1" ] || return 0
  read -r _rcv <"$1"
  _rcv=\${_rcv:-1}
  rm -f "$1"
}
_rccause() {
  _rcy=-
  [ ! -r "$_rcS.$_rcn.k" ] || read -r _rcy <"$_rcS.$_rcn.k"
}
_rcslice() {
  [ "$3" -gt "$2" ] || return 0
  dd if="$1" bs=65536 skip="$2" count="$(($3 - $2))" iflag=skip_bytes,count_bytes >&3 2>/dev/null </dev/null 3>&- 4>&- 5>&- 6>&- 7>&- 8>&- 9>&-
}
_rcn=0 _rcg=0 _rceof=0
_rcsegment
echo "ready $_rcme $_rcmes $_rcg" >&3
while :; do
  _rcn=$((_rcn + 1)) _rcr=0 _rch=0 _rci=0
  _rcpump "$_rcS.oo" "$_rco" <"$_rcS.o" >&7 3>&- 4>&- 7>&- 8>&- 9>&- & _rcpo=$!
  _rcpump "$_rcS.eo" "$_rce" <"$_rcS.e" >&8 3>&- 4>&- 7>&- 8>&- 9>&- & _rcpe=$!
  exec 5>"$_rcS.o" 6>"$_rcS.e"
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
    exec 5>&- 6>&-
    echo "$_rcn n" >&9
    rm -f "$_rcS.o" "$_rcS.e" "$_rcD/$_rcL.msg"
    [ "$_rcw" != 0 ] || rm -f "$_rcS.out" "$_rcS.err"
    exit 0
  fi
  read -r _rck _rcq </proc/self/fdinfo/2
  [ "$_rcq" = "$_rcm" ] || _rcc=\${_rcc}s
  _rccause
  printf '%s c %s %s\\n' "$_rcn" "$_rcc" "$_rcy" >&9
  [ ! -p "$_rcS.$_rcn.i" ] || rm -f "$_rcS.$_rcn.i"
  exec 5>&- 6>&-
  _rcdrain
  _rcob=$_rco _rceb=$_rce _rcf=$((_rcf + 1)) _rcT=$_rcS
  read -r _rck _rco </proc/self/fdinfo/7
  read -r _rck _rce </proc/self/fdinfo/8
  _rcover "$_rcS.oo"
  _rcov=$_rcv
  _rcover "$_rcS.eo"
  _rcoe=$_rco _rcee=$_rce
  printf '%s e %s %s %s %s %s\\n' "$_rcn" "$_rco" "$_rce" "$_rcov" "$_rcv" "$_rch" >&9
  if [ "$_rch" = 1 ] || [ "$_rcf" -ge 32 ] || [ "$((_rco + _rce))" -gt 262144 ]; then
    rm -f "$_rcS.o" "$_rcS.e"
    _rcsegment
  fi
  [ -f "$_rcT.out" ] && [ -f "$_rcT.err" ] && [ -p "$_rcS.o" ] && [ -p "$_rcS.e" ] || exit 1
  printf 'r %s %s %s %s %s %s %s %s %s\\n' "$_rcn" "$_rcc" "$_rcoe" "$_rcee" "$_rcov" "$_rcv" "$_rch" "$_rcg" "$_rcy" >&3
  if [ "$((_rcoe - _rcob + _rcee - _rceb))" -le 32768 ]; then
    _rcslice "$_rcT.out" "$_rcob" "$_rcoe"
    _rcslice "$_rcT.err" "$_rceb" "$_rcee"
  fi
done
`;

/** Output of at most this many bytes, both streams, follows the reply of its command. */
export const inlineOutputLimit = 32_768;
