/** How the script ends when it cannot list. */
export const manifestExit = {
  /** The directory cannot be entered. */
  notReadable: 43,
  /** Something in it cannot be listed; stderr says what. */
  incomplete: 46,
} as const;

/** What programs complain of when files are not there any more, or what was a directory above them is none. */
const vanished = ["*'No such file or directory'", "*'Not a directory'"];

/** What tar says as well when a file is not what it was while it is read, and of a failure that it has named before: GNU and busybox. */
const readMeanwhile = [
  ...vanished,
  "*': file changed as we read it'",
  "*': File removed before we read it'",
  "*'tar: Exiting with failure status due to previous errors'",
  "*'tar: error exit delayed from previous errors'",
];

/**
 * POSIX sh: goes on where all that programs have complained of in `$said` is that files are not there, and else ends in `incomplete`, with what they said.
 */
export const failUnlessVanished = failUnless(vanished);

/** The same for programs that read the files: that one changes meanwhile is no failure either. */
export const failUnlessReadMeanwhile = failUnless(readMeanwhile);

function failUnless(patterns: readonly string[]): string {
  return `[ -n "$said" ] || said='a program was killed'
set -f
IFS='
'
for line in $said; do
  case $line in
  ${patterns.join('|')}) ;;
  *)
    printf '%s\\n' "$line" >&2
    exit ${manifestExit.incomplete}
    ;;
  esac
done
exit 0`;
}

/**
 * POSIX sh that lists a tree: a line for each path with mode (hexadecimal), size, mtime, ctime, inode and the path, which is last since it may hold anything.
 * Parameter: the directory. What vanishes meanwhile is left out. Whatever else goes wrong fails the list: a path that is only missing from it would count as removed.
 */
export const manifestScript = `
cd -- "$1" || exit ${manifestExit.notReadable}
LC_ALL=C TZ=UTC0; export LC_ALL TZ
exec 3>&1
said=$(find . -exec stat -c '%f %s %y %z %i %n' {} + 2>&1 >&3 3>&-) && exit 0
${failUnlessVanished}
`;
