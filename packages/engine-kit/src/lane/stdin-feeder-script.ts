/**
 * Feeds a command's stdin: `sh -c <script> recac-stdin FIFO hold|end`. It says `ready`, and opens the FIFO once it is told by a line that the command has been asked for: opening waits for a
 * reader, and nothing else would wake it. It then reads frames `LENGTH\\n<bytes>`, passes the bytes on to the FIFO as they come, and answers
 * each with a line: `ok`, or `closed` when the command reads no more; `0` is the said end. When its own input ends without that (the client died), `hold` keeps the FIFO
 * open, so that the command never takes a lost client for an end of file, and goes when the FIFO's reader is gone; `end` ends it.
 *
 * When the line ends before it was told, the command may have been asked for all the same, and would wait for a writer for good. So the FIFO is then opened in a way that waits for nobody, and held, or ended again and again,
 * until the dispatcher has removed it, or has gone, and its own FIFO with it. Opening it while the dispatcher removes it may make a plain file: that goes at once.
 */
export const stdinFeederScript = `
exec 3>&1 4>&2 2>/dev/null
mkdir -p -m 700 "\${1%/*}"
mkfifo -m 600 "$1" || exit 1
echo ready
if ! IFS= read -r _rcn; then
  exec >/dev/null 3>&- 4>&-
  [ "$2" = end ] || exec 5<>"$1"
  while [ -p "$1" ] && [ -p "\${1%.*.i}.o" ]; do
    true <>"$1"
    sleep 1
  done
  rm -f "$1"
  exit 0
fi
[ ! -p "$1" ] || exec 5>"$1"
[ -p "$1" ] || { rm -f "$1"; echo closed; exit 0; }
trap '' PIPE
while IFS= read -r _rcn; do
  [ "$_rcn" != 0 ] || { rm -f "$1"; echo ok; exit 0; }
  dd bs=65536 count="$_rcn" iflag=fullblock,count_bytes >&5 3>&- 4>&- || { rm -f "$1"; echo closed; exit 0; }
  echo ok
done
[ "$2" = hold ] || { rm -f "$1"; exit 0; }
exec >/dev/null 3>&- 4>&-
while [ -p "$1" ]; do sleep 5; done
`;
