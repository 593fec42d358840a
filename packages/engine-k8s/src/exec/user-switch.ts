import { Buffer } from 'node:buffer';
import { quoteForShell, type ResolvedUser } from '@recac/engine-kit';

/** How a process that root has opened becomes one of another user. */
export interface UserSwitch {
  /** HOME, USER and LOGNAME to match. */
  readonly environmentVariables: Readonly<Record<string, string>>;
  /** The command that runs shell source as the user. */
  toArgv(source: string | Uint8Array): readonly (string | Uint8Array)[];
}

/** A program that changes the user, and how it is called. */
interface SwitchTool {
  /** The program. */
  readonly name: string;
  /** It looks the user up by name, and takes the groups of /etc/group. Default: false, it takes numbers and clears all groups. */
  readonly byName?: boolean;
  /** The command that runs shell source as a user. */
  readonly toArgv: (user: ResolvedUser, source: string | Uint8Array) => readonly (string | Uint8Array)[];
}

/**
 * Most exact first. `setpriv` is util-linux's, and `chroot` coreutils': those of busybox do not know the options, which trying them shows.
 */
const tools: readonly SwitchTool[] = [
  {
    name: 'setpriv',
    toArgv: ({ id }, source) => {
      const [uid, gid] = id.split(':');
      return ['setpriv', `--reuid=${uid}`, `--regid=${gid}`, '--clear-groups', '--', 'sh', '-c', source];
    },
  },
  { name: 'gosu', toArgv: ({ id }, source) => ['gosu', id, 'sh', '-c', source] },
  { name: 'su-exec', toArgv: ({ id }, source) => ['su-exec', id, 'sh', '-c', source] },
  {
    name: 'chroot',
    toArgv: ({ id }, source) => ['chroot', `--userspec=${id}`, '--groups=', '--skip-chdir', '/', 'sh', '-c', source],
  },
  {
    name: 'runuser',
    byName: true,
    toArgv: ({ name = '' }, source) => ['runuser', '-u', name, '--', 'sh', '-c', source],
  },
  { name: 'su', byName: true, toArgv: ({ name = '' }, source) => ['su', '-s', '/bin/sh', '-c', source, name] },
];

/** Names of the programs that can change the user, for messages. */
export const switchTools: readonly string[] = tools.map(({ name }) => name);

/**
 * POSIX sh for root that tries which program makes it a user, and prints the name of the first that does it right: ids exact, and none of root's groups kept. Prints
 * nothing when none does.
 */
export function toProbe(user: ResolvedUser): Buffer {
  const [uid, gid] = user.id.split(':');
  const four = (id: string | undefined): string => [id, id, id, id].join(' ');
  const check = `
while read -r k a b c d; do
  case $k in
    Uid:) [ "$a $b $c $d" = '${four(uid)}' ] || exit 1 ;;
    Gid:) [ "$a $b $c $d" = '${four(gid)}' ] || exit 1 ;;
    Groups:) case " $a $b $c $d " in *' 0 '*) [ '${gid}' = 0 ] || exit 1 ;; esac; exit 0 ;;
  esac
done </proc/self/status
exit 1`;
  const tries = tools
    .filter(({ byName = false }) => !byName || user.name !== undefined)
    .flatMap(({ name, toArgv }) => [
      Buffer.from(`! command -v ${name} >/dev/null 2>&1 || !`),
      ...toArgv(user, check).flatMap((argument) => [Buffer.from(' '), quoteForShell(argument)]),
      Buffer.from(` </dev/null >/dev/null 2>&1 || { echo ${name}; exit 0; }\n`),
    ]);
  return Buffer.concat(tries);
}

/** The way that {@link toProbe} found; undefined when it printed no name. */
export function toUserSwitch(user: ResolvedUser, printed: string): UserSwitch | undefined {
  const tool = tools.find(({ name }) => name === printed.trim());
  if (!tool) return undefined;
  return { environmentVariables: user.environmentVariables, toArgv: (source) => tool.toArgv(user, source) };
}
