import { stagePrefix } from '../stage-prefix.ts';

/** Name in the archive of what is copied. */
export const contentName = 'content';

/** Name in the archive of the file that comes last: without it the archive is not complete. */
export const endName = 'end';

/** How the script ends when it does not copy. */
export const copyInExit = {
  /** The parent of the destination does not exist. */
  noParent: 40,
  /** The destination must be a directory. */
  noDirectory: 41,
  /** A directory cannot take the place of what is there. */
  onFile: 42,
  /** Nothing can be written there. */
  notWritable: 43,
  /** There is no tar. */
  noTar: 44,
  /** The archive did not arrive in full. */
  incomplete: 45,
  /** Something of another kind is in the way; its path is on stderr. */
  inTheWay: 46,
  /** tar failed; what it says is on stderr. */
  failed: 47,
} as const;

/**
 * POSIX sh that takes an archive from stdin. Parameters: destination, kind (`file`, `directory`, `contents`, `archive`), name of the source, id.
 * It extracts beside the destination and renames, so that nobody sees a part of a file, and looks for conflicts before the first rename.
 */
export const copyInScript = `
d=$1 kind=$2 base=$3
command -v tar >/dev/null 2>&1 || exit ${copyInExit.noTar}
isdir() { [ -d "$1" ] && [ ! -L "$1" ]; }
there() { [ -e "$1" ] || [ -L "$1" ]; }
if [ -d "$d" ]; then
  case $kind in contents|archive) t=$d/. ;; *) t=\${d%/}/$base ;; esac
else
  case $kind in
    archive) exit ${copyInExit.noDirectory} ;;
    file) case $d in */) exit ${copyInExit.noDirectory} ;; esac; t=$d ;;
    *) there "\${d%/}" && exit ${copyInExit.onFile}; t=\${d%/} ;;
  esac
fi
if [ -L "$t" ] && [ -f "$t" ]; then t=$(readlink -f -- "$t"; echo x); t=\${t%?x}; fi
if isdir "$t"; then
  [ "$kind" = file ] && { printf '%s\\n' "$t" >&2; exit ${copyInExit.inTheWay}; }
  p=$t
else
  case $t in */*) p=\${t%/*}; p=\${p:-/} ;; *) p=. ;; esac
fi
[ -d "$p" ] || exit ${copyInExit.noParent}
s=\${p%/}/${stagePrefix}$4
trap 'trap "" HUP INT TERM; rm -rf -- "$s"' EXIT
trap 'trap "" HUP INT TERM; rm -rf -- "$s"; exit 143' HUP INT TERM
umask 077
mkdir -- "$s" || exit ${copyInExit.notWritable}
{ echo '*' >"$s/.gitignore"; } 2>/dev/null
umask 022
tar -xpof - -C "$s" || exit ${copyInExit.failed}
cat >/dev/null
[ -f "$s/${endName}" ] && there "$s/${contentName}" || exit ${copyInExit.incomplete}
merge() (
  for e in "$2"/* "$2"/.[!.]* "$2"/..?*; do
    there "$e" || continue
    o=$3/\${e##*/}
    if isdir "$e" && isdir "$o"; then
      merge "$1" "$e" "$o" || exit
    elif [ "$1" = check ]; then
      if isdir "$o" || { isdir "$e" && there "$o"; }; then printf '%s\\n' "$o" >&2; exit 1; fi
    else
      [ -L "$o" ] && rm -f -- "$o"
      mv -f -- "$e" "$o" || exit
    fi
  done
)
c=$s/${contentName}
if isdir "$c" && isdir "$t"; then
  merge check "$c" "$t" || exit ${copyInExit.inTheWay}
  merge move "$c" "$t" || exit ${copyInExit.failed}
elif isdir "$c" && there "$t"; then exit ${copyInExit.onFile}
else
  [ -L "$t" ] && rm -f -- "$t"
  mv -f -- "$c" "$t" || exit ${copyInExit.failed}
fi
`;
