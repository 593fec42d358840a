import { inputFunction } from '../small-input.ts';
import { stagePrefix } from '../stage-prefix.ts';
import { receiveExit } from './receive-script.ts';

/** How the scripts end when there is nothing to go on with. */
const resumeExit = {
  /** There is no stage, or its receiver still works in it, or there is no sha256sum. */
  nothingLeft: 49,
} as const;

const enterContent = `
cd -- "$1" 2>/dev/null || exit ${receiveExit.notReadable}
s=$PWD/${stagePrefix}$2
[ -d "$s/content" ] && [ ! -L "$s" ] && [ ! -L "$s/content" ] || exit ${resumeExit.nothingLeft}
`;

/**
 * POSIX sh that readies what an upload left that was cut off: it waits until nobody writes there any more, and removes what cannot be told apart or read by the
 * next scripts. Parameters: the workspace, the id of the upload.
 */
export const readyLeftScript = `
${enterContent}
command -v sha256sum >/dev/null 2>&1 || exit ${resumeExit.nothingLeft}
n=0
while p=$(cat "$s/receiver" 2>/dev/null) && grep -q -- "$2" "/proc/$p/cmdline" 2>/dev/null; do
  n=$((n + 1))
  [ "$n" -le 50 ] || exit ${resumeExit.nothingLeft}
  sleep 0.2 2>/dev/null || sleep 1
done
rm -f -- "$s/end" "$s/checked" "$s/expected"
cd -- "$s/content" || exit ${resumeExit.nothingLeft}
find . ! -type d '(' ! -type f -o ! -perm -400 -o -path '*
*' -o -path '*\\\\*' ')' -exec rm -f -- {} +
`;

/** POSIX sh that prints the SHA-256 and the name of files of a stage. Parameters: the workspace, the id, the paths, each ended by NUL, as its input. */
export const sumLeftScript = `
${enterContent}
shift 2
${inputFunction}
cd -- "$s/content" || exit ${resumeExit.nothingLeft}
input "$1" xargs -0 sha256sum --
`;

/** POSIX sh that prints the same of files of the workspace, as far as they can be read. Parameters: the workspace, the paths as before. */
export const sumScript = `
cd -- "$1" 2>/dev/null || exit ${receiveExit.notReadable}
shift
${inputFunction}
input "$1" xargs -0 sha256sum -- 2>/dev/null
exit 0
`;

/** POSIX sh that removes files of a stage, and its empty directories. Parameters: the workspace, the id, the paths. */
export const dropLeftScript = `
${enterContent}
shift 2
${inputFunction}
cd -- "$s/content" || exit ${resumeExit.nothingLeft}
input "$1" xargs -0 rm -f -- || exit ${receiveExit.failed}
find . -mindepth 1 -depth -type d -exec rmdir -- {} + 2>/dev/null
exit 0
`;

/** POSIX sh that removes a stage. Parameters: the workspace, the id. */
export const discardLeftScript = `
cd -- "$1" 2>/dev/null || exit ${receiveExit.notReadable}
rm -rf -- "$PWD/${stagePrefix}$2"
`;
