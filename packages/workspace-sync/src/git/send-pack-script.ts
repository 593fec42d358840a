import { enter, gitExit, privateIndex } from './environment-scripts.ts';

/** More branches, tags and stashes of a session than these are not brought back. */
export const mostOthers = 500;

/** Filters of the session's own configuration do not run: a file comes as it lies there, and none of them can hold it up. */
const withoutFilters = `
number=$GIT_CONFIG_COUNT
names=$(git config --name-only --get-regexp '^filter\\..*\\.(clean|smudge|process|required)$')
before=$IFS
IFS='
'
set -f
for name in $names; do
  value=
  case $name in *.required) value=false ;; esac
  export "GIT_CONFIG_KEY_$number=$name" "GIT_CONFIG_VALUE_$number=$value"
  number=$((number + 1))
done
set +f
IFS=$before
GIT_CONFIG_COUNT=$number
`;

/** Prints \`OBJECT NAME\` of branches that HEAD does not hold, tags, and stashes by their numbers, without those that were there before the session. */
const listOthers = `
listOthers() {
  {
    git for-each-ref --format='%(objectname) %(refname)' \${head:+--no-merged="$head"} refs/heads
    git for-each-ref --format='%(objectname) %(refname)' refs/tags
    stashes=$(git rev-list -g refs/stash -- 2>/dev/null)
    number=0
    for stash in \${stashes:-$(git rev-parse -q --verify refs/stash)}; do
      echo "$stash refs/stash/$number"
      number=$((number + 1))
    done
  } | { if [ -s .git/recac-refs ]; then grep -vxFf .git/recac-refs; else cat; fi; } | head -n ${mostOthers + 1}
}
`;

/**
 * POSIX sh that commits the working tree on top of HEAD without touching index or branch, and prints a line \`HEAD WORK\`, the paths of
 * repositories inside, each ended by NUL, an empty one, \`OBJECT NAME\` of what the session has besides, in the same way, and then a pack of what the client does not have. Parameters: the workspace, ignored paths that are carried all the
 * same (each on a line), then commits that the client has. A repository that the command removed is made anew: then the work has no history, but is there.
 */
export const sendPackScript = `${enter}
include=$2
shift 2
[ -e .git ] || git init -q --template= . || exit ${gitExit.badPack}
${withoutFilters}${privateIndex}${listOthers}status=0
git add --all -- . >/dev/null 2>&1 || git add --all --ignore-errors -- . >&2 || status=${gitExit.incomplete}
[ -z "$include" ] || printf '%s\\n' "$include" | while IFS= read -r path; do
  [ -e "$path" ] && git add --force -- ":(literal)$path" >&2
done
tree=$(git write-tree) || exit ${gitExit.badPack}
head=$(git rev-parse -q --verify HEAD^0)
work=$(echo 'Uncommitted work' | git commit-tree "$tree" \${head:+-p "$head"}) || exit ${gitExit.badPack}
printf '%s %s\\n' "\${head:-$work}" "$work"
git ls-files --stage -z | tr '\\012\\000' '\\001\\012' | sed -n 's/^160000 [^	]*	//p' | tr '\\012\\001' '\\000\\012'
[ "$status" = 0 ] || find . -mindepth 2 -name .git -prune -print0 | sed -z 's|^\\./||; s|/\\.git$||'
printf '\\000'
haves=$(for have in "$@"; do git cat-file -e "$have^{commit}" 2>/dev/null && echo "^$have"; done)
refs=$(git for-each-ref --format='%(objectname) %(refname)' refs/heads refs/tags refs/stash) others= objects=
case $refs in
*'
'*) others=$(listOthers) ;;
"$head refs/heads/"*) ;;
?*) others=$(listOthers) ;;
esac
[ -z "$others" ] || objects=$(printf '%s\\n' "$others" | sed 's/ .*//')
if [ -n "$others" ] && ! printf '%s\\n' "$objects" "^$work" $haves | git rev-list --objects --stdin >/dev/null 2>&1; then
  echo 'branches, tags or stashes of the session are damaged (git fsck)' >&2
  status=${gitExit.incomplete} others= objects=
fi
[ -z "$others" ] || printf '%s\\n' "$others" | tr '\\012' '\\000'
printf '\\000'
printf '%s\\n' "$work" $objects $haves | git pack-objects --revs --stdout --thin --delta-base-offset -q || exit ${gitExit.badPack}
exit "$status"
`;
