import { failUnlessReadMeanwhile, failUnlessVanished } from '../manifest/manifest-script.ts';
import { inputFunction } from '../small-input.ts';
import { stagePrefix } from '../stage-prefix.ts';

/** Names in the archive that changes are sent in. */
export const changeNames = {
  /** Directory with what is new or changed. */
  content: 'content',
  /** File with paths to remove, each ended by NUL. */
  removedFiles: 'removed-files',
  /** File with directories to remove where they are empty, children first, each ended by NUL. */
  removedDirectories: 'removed-directories',
  /** File with the paths that must still be what they were when the environment was asked, each ended by NUL; without `sha256sum` there nobody looks. */
  checked: 'checked',
  /** File with what `stat` then says of those that were there. */
  expected: 'expected',
  /** File with all paths of files and links in `content`, each ended by NUL. */
  sent: 'sent',
  /** File that comes last: without it the archive is not complete. */
  end: 'end',
} as const;

/** How the script ends when it does not take the changes. */
export const receiveExit = {
  /** The workspace cannot be entered. */
  notReadable: 43,
  /** Nothing can be written there. */
  notWritable: 42,
  /** There is no tar. */
  noTar: 44,
  /** The archive did not arrive in full. */
  incomplete: 45,
  /** Not all paths are what they were expected to be, or the workspace is not empty as it was expected to be; nothing was changed. */
  otherwise: 50,
  /** The workspace has something of its own where something of another kind comes. What that is stands on stdout, as in a manifest; nothing was changed. */
  inTheWay: 51,
  /** tar or mv failed; what it says is on stderr. */
  failed: 47,
} as const;

/** What a cut-off upload left is removed by the next one after so many minutes, whoever it was of. */
const leftMinutes = 1_440;

/** Any change gives another time or inode. */
const checkFormat = '%z %i %n';
const statFormat = '%f %s %y %z %i %n';

/**
 * POSIX sh that takes changes from stdin. Parameters: the workspace, an id, what to print in the end, the input, then paths of the workspace, each followed by what it must
 * be: nothing, `until TYPE TIME`, or mode, size, mtime, ctime and inode. It extracts into a directory of the workspace and renames from there, so that no file is seen half; what arrived before the line was cut, or in vain because the environment changed meanwhile what is to be changed, stays in that directory, for the next upload to go on with. It then prints, as the manifest does, what the files now are (`each`), or one file that was made after all of them (`until`), for which the workspace must be empty. File systems stamp by ticks
 * of some milliseconds: it ends in a later tick than that file's, so that no change can have the same stamp; where time stands still it prints nothing, and everything counts as changed.
 * A directory that is not there yet is moved as a whole, and all that goes into one that is with one call: the number of processes follows the number of
 * directories that changed, not of files.
 */
export const receiveScript = `
cd -- "$1" 2>/dev/null || exit ${receiveExit.notReadable}
LC_ALL=C TZ=UTC0; export LC_ALL TZ
command -v tar >/dev/null 2>&1 || exit ${receiveExit.noTar}
id=$2 print=$3
shift 3
${inputFunction}
isempty() {
  for f in ./* ./.[!.]* ./..?*; do
    case $f in ./${stagePrefix}*) continue ;; esac
    [ ! -e "$f" ] && [ ! -L "$f" ] || return 1
  done
}
[ "$print" != until ] || isempty || exit ${receiveExit.otherwise}
s=${stagePrefix}$id keep= sent=
trap 'trap "" HUP INT TERM; [ -n "$keep" ] || rm -rf -- "$s"' EXIT
trap 'trap "" HUP INT TERM; keep=; rm -rf -- "$s"; exit 143' HUP INT TERM
umask 077
if [ ! -d "$s" ] || [ -L "$s" ]; then mkdir -- "$s" 2>/dev/null || exit ${receiveExit.notWritable}; fi
{ echo '*' >"$s/.gitignore"; } 2>/dev/null
umask 022
extract() { tar -xpof - -C "$s" && cat >/dev/null; }
if [ "$1" = - ]; then
  sent=y
  echo $$ >"$s/receiver"
  find . -maxdepth 1 -name '${stagePrefix}*' -mmin +${leftMinutes} ! -name "*$id" -exec rm -rf -- {} +
  said=$(extract 2>&1) || {
    printf '%s\\n' "$said" >&2
    case $said in *'No space left'*|*uota*) ;; *'nexpected EOF'*|*'nexpected end'*|*'short read'*) keep=y ;; esac
    exit ${receiveExit.failed}
  }
  [ -f "$s/${changeNames.end}" ] || keep=y
else input "$1" tar -xpof - -C "$s" || exit ${receiveExit.failed}
fi
[ -f "$s/${changeNames.end}" ] || exit ${receiveExit.incomplete}
isasexpected() {
  if [ -z "$1" ]; then
    [ ! -e "$2" ] && [ ! -L "$2" ]
    return
  fi
  want=$1 is=$(stat -c '${statFormat}' "$2" 2>/dev/null) || return 1
  set -f
  set -- $is
  set +f
  [ "$#" -ge 10 ] || return 1
  case $want in
  until*)
    t=\${want#until ? }
    case $want in "until \${1%???} "*) [ "$6 $7" = "$t" ] || [ "$6 $7" \\< "$t" ] ;; *) return 1 ;; esac
    ;;
  *) [ "$1 $2 $3 $4 $6 $7 $9" = "$want" ] ;;
  esac
}
[ "$print" != until ] || isempty || exit ${receiveExit.otherwise}
shift
while [ "$#" -gt 0 ]; do
  isasexpected "$2" "$1" || exit ${receiveExit.otherwise}
  shift 2
done
if [ -s "$s/${changeNames.checked}" ]; then
  is=$(xargs -0 stat -c '${checkFormat}' <"$s/${changeNames.checked}" 2>/dev/null | sha256sum)
  [ "$is" = "$(sha256sum <"$s/${changeNames.expected}")" ] || { keep=$sent; exit ${receiveExit.otherwise}; }
fi
both() { [ -d "$1" ] && [ ! -L "$1" ] && [ -d "$2" ] && [ ! -L "$2" ]; }
lines() { tr '\\000\\012' '\\012\\001'; }
gone() { cat -- "$s/${changeNames.removedFiles}" "$s/${changeNames.removedDirectories}" | lines; }
own() { { gone; gone; find "$1" -print0 | lines; } | sort | uniq -u; }
intheway() (
  for f in "$1"/* "$1"/.[!.]* "$1"/..?*; do
    t=$2/\${f##*/}
    if both "$f" "$t"; then intheway "$f" "$t"
    elif { [ -e "$f" ] || [ -L "$f" ]; } && { [ -e "$t" ] || [ -L "$t" ]; } && { both "$f" "$f" || both "$t" "$t"; }; then
      [ -z "$(own "$t")" ] || stat -c '${statFormat}' "$t"
    fi
  done
)
if [ "$print" != until ] && [ -d "$s/${changeNames.content}" ]; then
  intheway "$s/${changeNames.content}" . >"$s/way"
  [ ! -s "$s/way" ] || { keep=$sent; cat -- "$s/way"; exit ${receiveExit.inTheWay}; }
fi
[ ! -s "$s/${changeNames.removedFiles}" ] || xargs -0 rm -f -- <"$s/${changeNames.removedFiles}" || exit ${receiveExit.failed}
[ ! -s "$s/${changeNames.removedDirectories}" ] || xargs -0 rmdir -- <"$s/${changeNames.removedDirectories}" 2>/dev/null
place() (
  from=$1 to=$2 rest=0
  shift 2
  for f in "$from"/* "$from"/.[!.]* "$from"/..?*; do
    if both "$f" "$to/\${f##*/}"; then place "$f" "$to/\${f##*/}" || exit
    elif [ -e "$f" ] || [ -L "$f" ]; then
      rest=$((rest + 1))
      [ "$rest" -gt 64 ] || set -- "$@" "$f"
    fi
  done
  [ "$rest" -gt 0 ] || exit 0
  if [ "$rest" -le 64 ]; then mv -f -- "$@" "$to/"; exit; fi
  for f in "$from"/* "$from"/.[!.]* "$from"/..?*; do
    if both "$f" "$to/\${f##*/}"; then rmdir -- "$f" || exit; fi
  done
  find "$from" -mindepth 1 -maxdepth 1 -exec sh -c 'd=$1; shift; mv -f -- "$@" "$d/"' sh "$to" {} + || exit
)
if [ -d "$s/${changeNames.content}" ]; then place "$s/${changeNames.content}" . || exit ${receiveExit.failed}; fi
if [ "$print" = until ]; then
  # The stage is removed from where it is.
  (
  cd -- "$s" && : >until && t=$(stat -c %z ./until) || exit ${receiveExit.failed}
  n=0
  while [ "$n" -lt 3000 ]; do
    n=$((n + 1))
    : >after
    [ "$(stat -c %z ./after)" != "$t" ] || continue
    stat -c '${statFormat}' ./until
    break
  done
  ) || exit
  exit 0
fi
[ ! -s "$s/${changeNames.sent}" ] || xargs -0 stat -c '${statFormat}' <"$s/${changeNames.sent}" 2>/dev/null
exit 0
`;

/** POSIX sh that prints what paths, each ended by NUL, now are, as the manifest does. Parameters: the workspace, the paths as its input. */
export const describePathsScript = `
cd -- "$1" 2>/dev/null || exit ${receiveExit.notReadable}
LC_ALL=C TZ=UTC0; export LC_ALL TZ
shift
${inputFunction}
exec 3>&1
said=$(input "$1" xargs -0 stat -c '${statFormat}' 2>&1 >&3 3>&-) && exit 0
${failUnlessVanished}
`;

/**
 * POSIX sh that writes archives, one after the other, of paths, each ended by NUL. Parameters: the workspace, the paths as its input. What vanishes meanwhile is left out; what
 * cannot be read as well, and it then ends in `manifestExit.incomplete`.
 */
export const fetchScript = `
cd -- "$1" 2>/dev/null || exit ${receiveExit.notReadable}
command -v tar >/dev/null 2>&1 || exit ${receiveExit.noTar}
LC_ALL=C; export LC_ALL
shift
${inputFunction}
exec 3>&1
said=$(input "$1" xargs -0 tar -cf - 2>&1 >&3 3>&-) && exit 0
${failUnlessReadMeanwhile}
`;

/** POSIX sh that writes a part of a file. Parameters: the workspace, how many MiB to leave out, how many to write at most, the path, ended by NUL, as its input. It ends as the one before. */
export const fetchPartScript = `
cd -- "$1" 2>/dev/null || exit ${receiveExit.notReadable}
LC_ALL=C; export LC_ALL
skip=$2 count=$3
shift 3
${inputFunction}
exec 3>&1
said=$(input "$1" xargs -0 sh -c 'exec dd if="$3" bs=1048576 skip="$1" count="$2"' sh "$skip" "$count" 2>&1 >&3 3>&-) && exit 0
${failUnlessReadMeanwhile}
`;
