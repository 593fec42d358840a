import type { Buffer } from 'node:buffer';
import { RecacError } from '@recac/engine-core';
import {
  orAborted,
  type ProcessOutcome,
  parseUserFiles,
  type ResolvedUser,
  resolveUser,
  type UserFiles,
  userFilesScript,
} from '@recac/engine-kit';
import { withinLimit } from '../within-limit.ts';
import { switchTools, toProbe, toUserSwitch, type UserSwitch } from './user-switch.ts';

/** Runs shell source in the pod, as the user of its container. */
export type RunSource = (source: string | Buffer, signal: AbortSignal) => Promise<ProcessOutcome>;

/** Who an environment knows, and who it runs as itself. */
interface PodAccounts extends UserFiles {
  readonly uid: string;
  readonly gid: string;
}

/** A lookup is a script of some milliseconds; what it takes to open a shell for it has limits of its own, below this. */
const lookupDeadlineMs = 60_000;

/** Prints ids of the shell itself; images without `id` have /proc all the same. */
const ownIdsScript = `while read -r k v w; do case $k in Uid:|Gid:) echo "$v";; esac; done </proc/self/status`;

/**
 * Commands as other users in one pod. The exec API of Kubernetes has no user (kubernetes/kubernetes#30656), so root in the container becomes the other by a
 * program of the image. What was found out is kept.
 */
export class PodUsers {
  readonly #run: RunSource;
  readonly #switches = new Map<string, Promise<UserSwitch | undefined>>();
  #accounts: Promise<PodAccounts> | undefined;

  constructor(run: RunSource) {
    this.#run = run;
  }

  /**
   * How to become a user; undefined where the container's own user is meant. Errors: `RECAC_INVALID_ARGUMENT` for a name that the image does not know,
   * `RECAC_CAPABILITY_UNSUPPORTED` with the remedy where this environment cannot. Several may wait for one lookup: who gives up does not end it.
   */
  find(user: string, signal: AbortSignal): Promise<UserSwitch | undefined> {
    return orAborted(this.#findOnce(user), signal, 'reading the users of the environment');
  }

  #findOnce(user: string): Promise<UserSwitch | undefined> {
    const known = this.#switches.get(user);
    if (known !== undefined) return known;
    const finding = this.#find(user);
    this.#switches.set(user, finding);
    finding.catch(() => this.#switches.delete(user));
    return finding;
  }

  async #find(text: string): Promise<UserSwitch | undefined> {
    const accounts = await this.#readAccounts();
    const user = resolveUser(text, accounts);
    const [uid, gid] = user.id.split(':');
    if (uid === accounts.uid && (!text.includes(':') || gid === accounts.gid)) return undefined;
    if (accounts.uid !== '0')
      throw cannotSwitch(
        'NotRoot',
        `the environment runs as uid ${accounts.uid}, and only root can become ${text}. Start it as root (user: root, --user root) to run commands as several users, or as ${user.id} to run all as that one.`,
      );
    const { stdout } = await this.#look(toProbe(user));
    const found = toUserSwitch(user, stdout);
    if (!found) throw cannotSwitch('NoTool', toMissingTool(text, user));
    return found;
  }

  async #readAccounts(): Promise<PodAccounts> {
    this.#accounts ??= this.#look(`${userFilesScript}; printf '\\001'; ${ownIdsScript}`).then(({ stdout, exit }) => {
      const at = stdout.lastIndexOf('\u0001');
      const [uid = '', gid = ''] = stdout.slice(at + 1).split('\n');
      if (at < 0 || uid === '')
        throw new RecacError('RECAC_EXEC_FAILED', 'the users of the environment could not be read. Try again.', {
          details: { reason: 'UsersNotRead', exit },
        });
      return { ...parseUserFiles(stdout.slice(0, at)), uid, gid };
    });
    this.#accounts.catch(() => {
      this.#accounts = undefined;
    });
    return this.#accounts;
  }

  #look(source: string | Buffer): Promise<ProcessOutcome> {
    const signal = new AbortController().signal;
    return withinLimit({ limitMs: lookupDeadlineMs, signal, toError: tookTooLong }, (until) =>
      this.#run(source, until),
    );
  }
}

function tookTooLong(): RecacError {
  const text = `the users of the environment could not be read within ${lookupDeadlineMs / 1_000} s. Look at the node it runs on.`;
  return new RecacError('RECAC_EXEC_FAILED', text, { details: { reason: 'NoAnswer' } });
}

function toMissingTool(text: string, { id, name }: ResolvedUser): string {
  const byName = name === undefined ? ', and su and runuser know only users that are in its /etc/passwd' : '';
  return `the image has no program that makes root ${text}: none of ${switchTools.join(', ')} does${byName}. Install util-linux for setpriv in the image, or start the environment as ${id} (user, --user).`;
}

function cannotSwitch(reason: string, message: string): RecacError {
  return new RecacError('RECAC_CAPABILITY_UNSUPPORTED', message, {
    details: { backend: 'kubernetes', capability: 'execAsUser', reason },
  });
}
