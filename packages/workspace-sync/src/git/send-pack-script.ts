import { enter, gitExit, privateIndex, useHash } from './environment-scripts.ts';

/** More branches, tags and stashes of a session than these are not brought back: nobody looks at them one by one, and each is a file here. */
export const mostOthers = 500;

/** Filters of the session's own configuration do not run: a file comes as it lies there, and none of them can hold it up. One outside of a sparse checkout comes as any other. */
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
export "GIT_CONFIG_KEY_$number=core.sparseCheckout" "GIT_CONFIG_VALUE_$number=false"
GIT_CONFIG_COUNT=$((number + 1))
`;

/**
 * Sets \`others\` to what the session has besides, each on a line: \`OBJECT NAME\` of branches that HEAD does not hold, tags, and stashes by their numbers, without those that were there before the session; \`damaged NAME\` and
 * \`short NAME\` of those that cannot go, and \`more NUMBER\` of those that are too many, of which tags that a remote holds are the first. \`objects\`: those that go. The log of the stash is read as a file, since \`rev-list -g\` leaves out what is damaged.
 */
const findOthers = `
list() { git for-each-ref --format='%(objectname) %(refname)' "$@"; }
without() { printf '%s\\n' "$1" "$2" "$2" | LC_ALL=C sort | uniq -u | sed '/^$/d' | LC_ALL=C sort -k 2; }
count() { printf '%s\\n' "$1" | grep -c .; }
toObjects() { printf '%s\\n' "$1" | sed -n '/^[0-9a-f]* refs/s/ .*//p'; }
isWhole() { printf '%s\\n' "$@" "^$work" $haves | git rev-list --objects --stdin >/dev/null 2>&1; }
isShort() { [ -s .git/shallow ] && printf '%s\\n' "$@" $haves | git rev-list --stdin 2>/dev/null | grep -qxFf .git/shallow; }
listStashes() {
  case $refs in *' refs/stash'*) ;; *) return ;; esac
  stashes=$(cut -d ' ' -f 2 .git/logs/refs/stash 2>/dev/null | sed '1!G;h;$!d') number=0
  [ -n "$stashes" ] || stashes=$(git rev-list -g refs/stash -- 2>/dev/null)
  for stash in \${stashes:-$(git rev-parse -q --verify refs/stash)}; do
    echo "$stash refs/stash/$number"
    number=$((number + 1))
  done
}
findOthers() {
  known=
  [ -z "$head" ] || known=$(list --merged="$head" refs/heads)
  [ ! -e .git/recac-refs ] || known=$(printf '%s\\n' "$known"; cat .git/recac-refs)
  others=$(without "$(printf '%s\\n' "$refs" | sed '/ refs.stash$/d'; listStashes)" "$known")
  total=$(count "$others")
  if [ "$total" -gt ${mostOthers} ]; then
    remotes=$(git for-each-ref --format='--merged=%(objectname)' refs/remotes)
    [ -z "$remotes" ] || others=$(without "$others" "$(list $remotes refs/tags)")
    others=$(printf '%s\\n' "$others" | head -n ${mostOthers})
  fi
  more=$((total - $(count "$others"))) objects=$(toObjects "$others")
  if [ -n "$objects" ] && { ! isWhole $objects || isShort $objects; }; then
    others=$(printf '%s\\n' "$others" | while read -r object name; do
      if ! isWhole "$object"; then echo "damaged $name"
      elif isShort "$object"; then echo "short $name"
      else echo "$object $name"; fi
    done)
    objects=$(toObjects "$others") damaged=$(printf '%s\\n' "$others" | sed -n 's/^damaged refs.//p')
    [ -z "$damaged" ] || { echo "branches, tags or stashes of the session are damaged (git fsck):" $damaged >&2; status=${gitExit.incomplete}; }
  fi
  [ "$more" = 0 ] || others=$(printf '%s\\n' \${others:+"$others"} "more $more")
}
`;

/**
 * Prints the repositories inside that hold something which no pointer says, each on a line, with `\\001` for a line feed in its path. A submodule is none of those as long as nothing of it, but what it ignores, is other than in a
 * commit that its remote has or that `base` points to. Without a base nobody knows what was sent: then only a remote counts.
 */
const listNested = `
isFetched() (
  known=$(git rev-parse -q --verify "\${base:-HEAD}:$1") && cd -- "./$1" && unset GIT_INDEX_FILE || exit 1
  [ -e .git ] && prefix=$(git rev-parse --show-prefix 2>/dev/null) && [ -z "$prefix" ] || exit 1
  changed=$(git status --porcelain --untracked-files=normal --ignore-submodules=none 2>&1) && [ -z "$changed" ] || exit 1
  { [ -n "$base" ] && git cat-file -e "$known^{commit}" 2>/dev/null; } || known=
  own=$(git rev-list -n 1 HEAD --branches --glob='refs/stas[h]' --not --remotes $known 2>&1) && [ -z "$own" ]
)
isEmpty() { [ -d "$1" ] && held=$(ls -A -- "./$1" 2>&1) && [ -z "$held" ]; }
listNested() {
  {
    git ls-files --stage -z | tr '\\012\\000' '\\001\\012' | sed -n 's/^160000 [^	]*	//p'
    [ "$status" = 0 ] || find . -mindepth 2 -name .git -prune -print0 | tr '\\012\\000' '\\001\\012' | sed 's|^\\./||; s|/\\.git$||'
  } | LC_ALL=C sort -u | while IFS= read -r line; do
    path=$(printf '%s.' "$line" | tr '\\001' '\\012')
    path=\${path%.}
    isEmpty "$path" || isFetched "$path" || printf '%s\\n' "$line"
  done
}
`;

/**
 * POSIX sh that commits the working tree on top of HEAD without touching index or branch, and prints a line \`HEAD WORK\`, the paths of
 * repositories inside, each ended by NUL, an empty one, what the session has besides, in the same way, with \`same\` before it where the repository is the one that was sent or cloned and could be listed, and then a pack of what the client
 * does not have. Parameters: the workspace, ignored paths that are carried all the same (each on a line), then commits that the client has, the last of them what the environment was sent. Where the command removed the repository, one is made anew: then the work has no history, but is
 * there. So it is where HEAD stands on a history that is cut short, which the client has not.
 */
export const sendPackScript = `${enter}${useHash}
include=$2
shift 2
[ $# = 0 ] || useHash "$1"
[ -e .git ] || git init -q --template= . || exit ${gitExit.badPack}
${withoutFilters}${privateIndex}${findOthers}${listNested}status=0 base=
for base in "$@"; do :; done
add() { git add "$@" >/dev/null 2>&1 || git add --ignore-errors "$@" >&2 || status=${gitExit.incomplete}; }
add --all -- .
[ -z "$include" ] || while IFS= read -r path; do
  if [ -e "$path" ] || [ -L "$path" ]; then add --force -- ":(literal)$path"; fi
done <<paths
$include
paths
tree=$(git write-tree) || exit ${gitExit.badPack}
head=$(git rev-parse -q --verify HEAD^0)
haves=$(for have in "$@"; do git cat-file -e "$have^{commit}" 2>/dev/null && echo "^$have"; done)
if [ $# -gt 0 ] && [ -n "$head" ] && isShort "$head"; then
  echo 'its commits stand on a history that was cut short (git fetch --unshallow)' >&2
  status=${gitExit.incomplete} head=
fi
work=$(echo 'Uncommitted work' | git commit-tree "$tree" \${head:+-p "$head"}) || exit ${gitExit.badPack}
printf '%s %s\\n' "\${head:-$work}" "$work"
listNested | tr '\\012\\001' '\\000\\012'
printf '\\000'
refs=$(list refs/heads refs/tags refs/stash 2>&1) others= objects= same=
[ -e .git/recac-refs ] || [ -e .git/refs/recac/base ] || git rev-parse -q --verify refs/recac/base >/dev/null && same=same
case $refs in *:*) refs=$(printf '%s\\n' "$refs" | sed '/:/d') same= ;; esac
case $refs in
*'
'*) findOthers ;;
"$head refs/heads/"*) ;;
?*) findOthers ;;
esac
[ -z "$same" ] || printf 'same\\000'
[ -z "$others" ] || printf '%s\\n' "$others" | tr '\\012' '\\000'
printf '\\000'
printf '%s\\n' "$work" $objects $haves | git pack-objects --revs --stdout --thin --delta-base-offset -q || exit ${gitExit.badPack}
exit "$status"
`;
