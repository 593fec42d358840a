/**
 * Feeds a command's stdin: `sh -c <script> recac-stdin FIFO hold|end`. It says `ready`, and opens the FIFO once it is told by a line that the command has been asked for: opening waits for a
 * reader, and nothing else would wake it. It then reads frames `LENGTH\\n<bytes>`, passes the bytes on to the FIFO as they come, and answers
 * each with a line: `ok`, or `closed` when the command reads no more; `0` is the said end. When its own input ends without that (the client died), `hold` keeps the FIFO
 * open, so that the command never takes a lost client for an end of file, and goes when the FIFO's reader is gone; `end` ends it.
 */
export const stdinFeederScript = `
exec 3>&1 4>&2 2>/dev/null
mkdir -p -m 700 "\${1%/*}"
mkfifo -m 600 "$1" || exit 1
echo ready
IFS= read -r _rcn || { rm -f "$1"; exit 0; }
exec 5>"$1"
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
