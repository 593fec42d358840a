import { invalidArgument } from '@recac/engine-core';

const field = 'workspace.remote';
const nextStep =
  'Use an address such as https://host/team/project.git, ssh://git@host/project.git or git@host:project.git.';
const schemes = new Set(['https:', 'http:', 'ssh:', 'git:']);

/**
 * The address of a remote repository that an environment may be told to clone. Refused: what runs a program or reads this machine (`ext::`, `file://`, paths), what git or
 * ssh would take for an option, and a password or token in the address, which would stay in the environment's `.git/config`. Errors: `RECAC_INVALID_ARGUMENT`, which
 * does not show the address where it holds a secret.
 */
export function checkRemoteUrl(url: string): string {
  if (url === '') throw invalidArgument(field, 'must not be empty', nextStep);
  if (/[\p{Cc}\p{Cs}\s]/u.test(url))
    throw invalidArgument(field, 'must not hold white space, control characters or a line end', nextStep);
  if (url.startsWith('-')) throw invalidArgument(field, 'must not begin with a dash', nextStep);
  if (/^[\w+.-]+::/.test(url))
    throw invalidArgument(field, 'must not name a remote helper (::), which runs a program', nextStep);
  return /^[\w+.-]+:\/\//.test(url) ? checkStandard(url) : checkShort(url);
}

function checkStandard(text: string): string {
  if (!URL.canParse(text)) throw invalidArgument(field, 'is no address', nextStep);
  const url = new URL(text);
  if (!schemes.has(url.protocol))
    throw invalidArgument(field, `must be https, http, ssh or git, not ${url.protocol.slice(0, -1)}`, nextStep);
  const mayHaveUser = url.protocol === 'ssh:';
  if (url.password !== '' || (url.username !== '' && !mayHaveUser))
    throw invalidArgument(
      field,
      'must not hold a user, password or token: it would stay in the environment',
      'Leave it out; a credential is given by kubernetes.git_secret.',
    );
  const host = /^[\w+.-]+:\/\/(?:[^/@]*@)?([^/:]*|\[[^\]]*\])/.exec(text)?.[1] ?? '';
  checkHost(host, decodeURIComponent(url.username));
  return text;
}

/** The short form of ssh: `user@host:path`. */
function checkShort(text: string): string {
  const parts = /^(?:([^@:/]+)@)?([^@:/]+):(.+)$/.exec(text);
  if (!parts) throw invalidArgument(field, 'must be an address, not a path of this machine', nextStep);
  const [, user = '', host = '', path = ''] = parts;
  checkHost(host, user);
  if (path.startsWith('-')) throw invalidArgument(field, 'must not have a path that begins with a dash', nextStep);
  return text;
}

function checkHost(host: string, user: string): void {
  if (host === '') throw invalidArgument(field, 'must name a host', nextStep);
  if (host.startsWith('-') || user.startsWith('-'))
    throw invalidArgument(field, 'must not have a host or user that begins with a dash', nextStep);
}
