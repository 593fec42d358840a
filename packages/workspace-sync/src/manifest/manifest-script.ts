/** How the script ends when it cannot list. */
export const manifestExit = {
  /** The directory cannot be entered. */
  notReadable: 43,
} as const;

/**
 * POSIX sh that lists a tree: a line for each path with mode (hexadecimal), size, mtime, ctime, inode and the path, which is last since it may hold anything.
 * Parameter: the directory. What vanishes meanwhile is left out.
 */
export const manifestScript = `
cd -- "$1" || exit ${manifestExit.notReadable}
LC_ALL=C TZ=UTC0; export LC_ALL TZ
find . -exec stat -c '%f %s %y %z %i %n' {} + 2>/dev/null
exit 0
`;
