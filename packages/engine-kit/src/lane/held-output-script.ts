/**
 * Functions of the dispatcher of an exec lane (`execLaneScript`) for output that a background child holds open; `_rcreleased` is called once the command has ended and `.h` says that its client waits no longer.
 *
 * When a background child keeps a FIFO open, `_rcrelease` of the control lane opens A and B, so that the dispatcher goes on and looks: it holds A, and a pump that is there has copied all there was. One that is
 * still at B has not begun, since a busy machine has not let it leave yet, and one that a release has sent on to B is sent round again. A pump that sleeps, and at neither, has copied all as well, and another process holds the FIFO;
 * so has one that copied more since than a pipe can hold (1 MiB), for a writer that never pauses. A release that comes too early or too late moves a pump on, or meets a later command: hence the look, and a new segment after it.
 * A pump whose A and B are gone ends when the FIFO does.
 */
export const heldOutputScript = `_rcstate() {
  _rcs=
  read -r _rcs <"/proc/$1/stat"
  _rcs=\${_rcs##*) }
  case $_rcs in ''|[ZX]*) return 1 ;; esac
}
_rcwaits() {
  for _rcq in "/proc/$1/fd"/*; do [ ! "$_rcq" -ef "$2" ] || return 0; done
  return 1
}
_rcpeek() {
  _rcj=a
  [ ! -e "$2.f" ] || return 0
  _rcstate "$1" || { echo 1 >"$2.d"; return 0; }
  _rck=
  read -r _rck <"/proc/$1/task/$1/children"
  for _rcp in $_rck; do
    _rcstate "$_rcp"
    ! _rcwaits "$_rcp" "$2.$_rca" || return 0
    _rcj=r
    ! _rcwaits "$_rcp" "$2.$_rcb" || return 0
    _rcj=s
    case $_rcs in S*) return 0 ;; esac
  done
  _rcj=s
  [ ! -e "$2.d" ] || return 0
  read -r _rck _rcP <"/proc/self/fdinfo/$3"
  [ "$((_rcP - $4))" -gt 1310720 ] || _rcj=r
}
_rclook() {
  _rch=0 _rcjo= _rcje= _rcb=$((1 - _rca))
  for _rck in 1 2; do
    _rcpeek "$_rcpo" "$_rcS.o" 7 "$_rcp7"
    _rcjo=$_rcjo$_rcj
    _rcpeek "$_rcpe" "$_rcS.e" 8 "$_rcp8"
    _rcje=$_rcje$_rcj
    true <>"$_rcS.o.$_rcb"
    true <>"$_rcS.e.$_rcb"
  done
  for _rcj in "$_rcjo" "$_rcje"; do
    case $_rcj in *a*) ;; ss) _rch=1 ;; *) return 1 ;; esac
  done
}
_rcreleased() {
  _rcf=64
  read -r _rck _rcp7 </proc/self/fdinfo/7
  read -r _rck _rcp8 </proc/self/fdinfo/8
  exec 5<>"$_rcS.o.$_rca" 6<>"$_rcS.e.$_rca"
  until _rclook; do
    _rci=$((_rci + 1))
    [ "$_rci" -lt 200 ] || sleep 0.02 || sleep 1
    [ -r "/proc/$_rcme/task/$_rcme/children" ] || [ "$_rci" -lt 250 ] || { _rch=1; break; }
  done
}`;
