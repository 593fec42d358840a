/** POSIX sh: `_rclistens PORT` is true when something listens on that TCP port, or the kernel does not tell. */
export const findListenerScript = `
_rclistens() {
  [ -r /proc/net/tcp ] || return 0
  _rchex=$(printf %04X "$1")
  grep -qi ":$_rchex 0*:0000 0A\\|:$_rchex [0-9A-F]*:0000 0A" /proc/net/tcp /proc/net/tcp6 2>/dev/null
}
`;
