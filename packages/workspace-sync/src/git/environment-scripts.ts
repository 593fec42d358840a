import { inputFunction } from '../small-input.ts';

/** How the scripts end when they do not do it. */
export const gitExit = {
  /** There is no git in the environment. */
  noGit: 44,
  /** The workspace cannot be entered. */
  notReadable: 43,
  /** The pack cannot be taken; what git says is on stderr. */
  badPack: 45,
  /** The pack was sent, but something of the working tree is not in it; what git says is on stderr. */
  incomplete: 47,
  /** Something of the environment is in the way; what git says is on stderr. */
  inTheWay: 46,
  /** The workspace holds files already: what was sent is stored, and none of it put there. */
  occupied: 50,
  /** The remote cannot be cloned; what git says is on stderr. */
  noRemote: 49,
} as const;

/** Begins each script. */
export const enter = `
cd -- "$1" 2>/dev/null || exit ${gitExit.notReadable}
command -v git >/dev/null 2>&1 || exit ${gitExit.noGit}
GIT_TERMINAL_PROMPT=0 GIT_CONFIG_COUNT=4 GIT_CONFIG_KEY_0=safe.directory GIT_CONFIG_VALUE_0='*' GIT_CONFIG_KEY_1=core.hooksPath GIT_CONFIG_VALUE_1=/dev/null GIT_CONFIG_KEY_2=maintenance.auto GIT_CONFIG_VALUE_2=false GIT_CONFIG_KEY_3=core.fsmonitor GIT_CONFIG_VALUE_3=false
GIT_AUTHOR_NAME=recac GIT_AUTHOR_EMAIL=recac@localhost GIT_COMMITTER_NAME=recac GIT_COMMITTER_EMAIL=recac@localhost
export GIT_TERMINAL_PROMPT GIT_CONFIG_COUNT GIT_CONFIG_KEY_0 GIT_CONFIG_VALUE_0 GIT_CONFIG_KEY_1 GIT_CONFIG_VALUE_1 GIT_CONFIG_KEY_2 GIT_CONFIG_VALUE_2 GIT_CONFIG_KEY_3 GIT_CONFIG_VALUE_3
export GIT_AUTHOR_NAME GIT_AUTHOR_EMAIL GIT_COMMITTER_NAME GIT_COMMITTER_EMAIL
unset GIT_DIR GIT_WORK_TREE GIT_INDEX_FILE
`;

/** Works with a copy of the index, which keeps its time: by that git knows what was changed in the second it was written in (git's racy-git.adoc). */
export const privateIndex = `
index=$(mktemp) || exit ${gitExit.badPack}
trap 'rm -f -- "$index" "$index.lock"' EXIT
trap 'exit 143' HUP INT TERM
if [ -f .git/index ]; then cp -p .git/index "$index"; else rm -f -- "$index"; fi
GIT_INDEX_FILE=$index; export GIT_INDEX_FILE
`;

/** What is made from then on has the hash function of an object name, whatever is usual there. */
export const useHash = `
useHash() {
  GIT_DEFAULT_HASH=sha1
  [ "\${#1}" -le 40 ] || GIT_DEFAULT_HASH=sha256
  export GIT_DEFAULT_HASH
}
`;

/** POSIX sh that says whether there is a git. Parameter: the workspace. */
export const findGitScript = `${enter}
git --version
`;

/** POSIX sh that prints the commit that was sent last, where the workspace has a repository of its own. Parameter: the workspace. */
export const readBaseScript = `${enter}
[ -e .git ] || exit 0
git rev-parse -q --verify refs/recac/base
`;

/**
 * POSIX sh that takes a pack and moves the working tree. Parameters: the workspace, the branch, the new commit, the one before or \`-\`, \`simple\` to do
 * nothing where the branch has moved, \`store\` to do nothing but store the objects, or \`keep\` to put a first commit beside files that are there, the patterns that are ignored besides those of the tree, commits whose parents are left out, \`objects\` to store those of the pack one by one or \`pack\`, the commit that the files there are known to be as (with a first commit \`new\` where no session ever worked there: branches and tags are none of a session), paths at which nothing may be, the pack as its input. The first time it makes the repository, with the branch checked out.
 * Where it holds files already, the objects are stored and nothing else is done, unless it is to keep them: then only what is missing is put there. A repository that has what recac sends is not begun anew, except one that a
 * push which was cut left. Later, a branch that stands where it was left moves on; else the change is put into the working tree, whole or not at all. A merge looks at every file of the tree first: it is asked only
 * where \`read-tree\`, which looks at those of the change, refuses. What the files are known to be as is staged in a copy of the index, which replaces that when all is done and is locked meanwhile as git does it. So it is with HEAD, which is read from its file where that says enough.
 */
export const receivePackScript = `${enter}${useHash}
branch=$2 new=$3 old=$4 mode=$5 ignored=$6 shallow=$7 format=$8 from=$9
shift 9
clash=
while [ $# -gt 1 ]; do
  if [ -e "$1" ] || [ -L "$1" ]; then clash=$1; fi
  shift
done
${inputFunction}
take() {
  if [ "$format" = objects ]; then input "$1" git unpack-objects -q; else input "$1" git index-pack --stdin --fix-thin; fi
}
isAt() {
  name= at=
  { read -r name <.git/HEAD && read -r at <".git/\${name#ref: }"; } 2>/dev/null
  [ "$at" = "$1" ] || [ "$(git rev-parse -q --verify HEAD)" = "$1" ]
}
moved=
if [ "$old" = - ]; then
  begun=.git/recac-begun found=
  if [ -e "$begun" ]; then read -r found <"$begun"
  elif [ -e .git ] && { [ ! -d .git ] || git rev-parse -q --verify refs/recac/base || git rev-parse -q --verify "refs/heads/$branch"; } >/dev/null; then
    echo 'the workspace holds a repository that this machine does not know' >&2
    exit ${gitExit.inTheWay}
  fi
  if [ "$from" = new ] && [ -z "$found" ] && [ -e .git ]; then
    git for-each-ref --format='%(objectname) %(refname)' refs/heads refs/tags refs/stash >.git/recac-refs
  fi
  [ -n "$found" ] || { [ -z "$(ls -A | grep -vxF .git)" ] && [ ! -e .git ] && found=nothing || found=files; }
  useHash "$new"
  git init -q --template= . || exit ${gitExit.badPack}
  printf '%s\\n' "$found" >"$begun" || exit ${gitExit.badPack}
  mkdir -p .git/info
  [ "$found" = files ] && [ -e .git/info/exclude ] || printf '%s\\n' "$ignored" >.git/info/exclude
  [ -z "$shallow" ] || printf '%s\\n' "$shallow" >>.git/shallow
  [ -O . ] || HOME=\${HOME:-/tmp} git config --global --add safe.directory "$PWD"
  git config user.name "$branch"
  git config user.email recac@localhost
fi
take "$1" >/dev/null || exit ${gitExit.badPack}
[ "$mode" != store ] || exit 0
if [ "$old" = - ]; then
  [ "$found" = nothing ] || [ "$mode" = keep ] || exit ${gitExit.occupied}
  git update-ref "refs/heads/$branch" "$new" && git symbolic-ref HEAD "refs/heads/$branch" && git read-tree "$new" || exit ${gitExit.inTheWay}
  if [ "$mode" = keep ]; then
    git diff-files --name-only --diff-filter=D -z | git checkout-index -z --stdin -q || exit ${gitExit.inTheWay}
    git update-index -q --refresh
  else
    git checkout-index -a -f -q -u || exit ${gitExit.inTheWay}
  fi
elif [ -n "$clash" ]; then
  exit ${gitExit.inTheWay}
elif isAt "$old"; then
  index=
  if [ "$from" != "$old" ]; then
    index=$(git rev-parse --git-path index) && (set -C; : >"$index.lock") || exit ${gitExit.inTheWay}
    trap 'rm -f -- "$index.recac" "$index.recac.lock" "$index.lock"' EXIT
    trap 'exit 143' HUP INT TERM
    if [ -f "$index" ]; then cp -p -- "$index" "$index.recac"; else rm -f -- "$index.recac"; fi || exit ${gitExit.inTheWay}
    GIT_INDEX_FILE=$index.recac; export GIT_INDEX_FILE
    git diff-tree -r -z --name-only --no-renames "$old" "$from" | git update-index --add --remove --replace -z --stdin || exit ${gitExit.inTheWay}
  fi
  if git read-tree -m -u "$from" "$new" 2>/dev/null; then
    moved="update HEAD $new $old"
  else
    git merge --ff-only --no-stat --no-verify-signatures -q "$new" || exit ${gitExit.inTheWay}
  fi
  [ -z "$index" ] || mv -f -- "$index.recac" "$index" || exit ${gitExit.badPack}
elif [ "$mode" = simple ]; then
  exit ${gitExit.inTheWay}
else
  git diff-tree -p --binary --full-index --no-ext-diff --no-textconv --no-renames "$from" "$new" | git apply --whitespace=nowarn || exit ${gitExit.inTheWay}
fi
printf '%s\\n' \${moved:+"$moved"} "update refs/recac/base $new" | git update-ref -m 'recac push' --stdin || exit ${gitExit.badPack}
[ "$old" != - ] || rm -f "$begun"
`;

/**
 * POSIX sh that says what a workspace holds beside a commit that is stored there: the paths of the commit at which there is something else, an empty one, and then the paths that the commit does not have, ignored or not; each ended by
 * NUL. Parameters: the workspace, the commit.
 */
export const listHeldScript = `${enter}${privateIndex}
git read-tree --reset "$2" && git diff --name-only --diff-filter=MT --no-renames --no-ext-diff --no-textconv -z || exit ${gitExit.badPack}
printf '\\000'
git ls-files --others -z || exit ${gitExit.badPack}
`;

const clone = `
url=$2 there=$3 branch=$4 depth=$5
[ -z "$(ls -A)" ] || { echo 'the workspace is not empty' >&2; exit ${gitExit.inTheWay}; }
GIT_ALLOW_PROTOCOL=https:http:ssh:git GIT_ASKPASS=true GIT_SSH_COMMAND='ssh -o BatchMode=yes'
export GIT_ALLOW_PROTOCOL GIT_ASKPASS GIT_SSH_COMMAND
git init -q --template= . && git remote add -- origin "$url" || exit ${gitExit.noRemote}
[ -O . ] || HOME=\${HOME:-/tmp} git config --global --add safe.directory "$PWD"
fetch() { if [ "$depth" = 0 ]; then git fetch -q origin "$@"; else git fetch -q --depth "$depth" origin "$@"; fi; }
if [ -n "$there" ]; then
  fetch "+refs/heads/$there:refs/remotes/origin/$there" || exit ${gitExit.noRemote}
  start=refs/remotes/origin/$there
else
  fetch HEAD || exit ${gitExit.noRemote}
  start=FETCH_HEAD
fi
git config user.name "$branch"
git config user.email recac@localhost
git checkout -q -b "$branch" "$start" || exit ${gitExit.noRemote}
git for-each-ref --format='%(objectname) %(refname)' refs/heads refs/tags >.git/recac-refs
echo "$(git rev-parse HEAD) $(git rev-parse --is-shallow-repository)"
`;

/**
 * POSIX sh that makes the workspace a clone of a remote, with a branch of the session checked out, and prints the commit it begins with and whether its history is short.
 * Parameters: the workspace, the address, the branch there (empty: the remote's own), the branch of the session, how many commits (0: all).
 */
export const cloneScript = `${enter}${clone}`;

/**
 * The same for a remote that wants a password. It runs before anything else of the environment and alone sees the directory of the credential: the sixth parameter, with the files
 * `password`, and if there are any `username` and `ca.crt`. They are read by git's helper only, so the secret stands in no argument, variable or file of the repository. A redirect
 * to another server is not followed, since the helper would answer that one too.
 */
export const seedScript = `${enter}
secret=$6
[ -r "$secret/password" ] || { echo 'the Secret has no key password' >&2; exit ${gitExit.noRemote}; }
helper="!f() { [ \\"\\$1\\" = get ] || exit 0; echo \\"username=\\$(cat '$secret/username' 2>/dev/null || echo git)\\"; echo \\"password=\\$(cat '$secret/password')\\"; }; f"
GIT_CONFIG_COUNT=7 GIT_CONFIG_KEY_4=credential.helper GIT_CONFIG_VALUE_4= GIT_CONFIG_KEY_5=credential.helper GIT_CONFIG_VALUE_5=$helper GIT_CONFIG_KEY_6=http.followRedirects GIT_CONFIG_VALUE_6=false
export GIT_CONFIG_KEY_4 GIT_CONFIG_VALUE_4 GIT_CONFIG_KEY_5 GIT_CONFIG_VALUE_5 GIT_CONFIG_KEY_6 GIT_CONFIG_VALUE_6
if [ -r "$secret/ca.crt" ]; then
  GIT_CONFIG_COUNT=8 GIT_CONFIG_KEY_7=http.sslCAInfo GIT_CONFIG_VALUE_7=$secret/ca.crt
  export GIT_CONFIG_KEY_7 GIT_CONFIG_VALUE_7
fi
${clone}`;

/** POSIX sh that gives the branch of a seeded workspace its name, and prints what {@link cloneScript} prints. Parameters: the workspace, the branch of the session. */
export const nameSeedScript = `${enter}
git branch -m "$2" && git config user.name "$2" || exit ${gitExit.noRemote}
echo "$(git rev-parse HEAD) $(git rev-parse --is-shallow-repository)"
`;

/**
 * POSIX sh that prints for each of some commits \`1\` and the paths at which the working tree is otherwise, or \`0\` where the commit is not there; each ended by NUL, and an empty one after each commit. The index is not looked at, but for
 * what it knows of files that are the same. Parameters: the workspace, the commits, each on a line, the paths to look at.
 */
export const listChangedScript = `${enter}${privateIndex}
commits=$2
shift 2
for commit in $commits; do
  if git read-tree --reset "$commit" 2>/dev/null; then
    printf '1\\000'
    git diff --name-only --no-renames --no-ext-diff --no-textconv -z -- "$@" && git ls-files --others -z -- "$@" || exit ${gitExit.badPack}
  else
    printf '0\\000'
  fi
  printf '\\000'
done
`;
