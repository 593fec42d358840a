/** How the script ends when it does not copy. */
export const copyOutExit = {
  /** The source does not exist. */
  missing: 40,
  /** The directory of the source cannot be entered. */
  notReadable: 43,
  /** There is no tar. */
  noTar: 44,
} as const;

/** POSIX sh that says what a path is: `link`, `directory`, `file` or `special`. Parameters: the path, `1` to follow a link. */
export const describeScript = `
command -v tar >/dev/null 2>&1 || exit ${copyOutExit.noTar}
if [ -L "$1" ] && [ "$2" != 1 ]; then echo link
elif [ -d "$1" ]; then echo directory
elif [ -f "$1" ]; then echo file
elif [ -e "$1" ]; then echo special
else exit ${copyOutExit.missing}; fi
`;

/** POSIX sh that writes an archive. Parameters: a directory, a name in it, `1` to follow it when it is a link. */
export const packScript = `
cd -- "$1" || exit ${copyOutExit.notReadable}
case $2 in -*) set -- "$1" "./$2" "$3" ;; esac
if [ "$3" = 1 ]; then exec tar -chf - "$2"; else exec tar -cf - "$2"; fi
`;
