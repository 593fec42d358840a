import { badArchive, quoteName } from './tar-error.ts';

/** The steps of a name in an archive. Errors: `RECAC_INVALID_ARGUMENT` for an absolute name, one with `..` and one with NUL. */
export function toSteps(name: string): readonly string[] {
  const steps = name.split('/').filter((step) => step !== '' && step !== '.');
  if (name.startsWith('/')) throw refused(name, 'which is absolute');
  if (steps.includes('..')) throw refused(name, 'which leads outside');
  if (name.includes('\0')) throw refused(name, 'which holds a NUL');
  return steps;
}

/**
 * Checks that a link stays inside what is copied, whatever else is there: steps up stand only at its beginning, and are no more than there are
 * directories above it. Errors: `RECAC_INVALID_ARGUMENT`.
 */
export function checkLinkTarget(steps: readonly string[], target: string): void {
  if (isInside(steps, target)) return;
  if (steps.length === 0)
    throw badArchive(`is only the link to ${quoteName(target)}`, 'Copy what it leads to, with --follow-link.');
  throw badArchive(
    `holds the link ${quoteName(steps.join('/'))} to ${quoteName(target)}, which leads outside of what is copied`,
    'Copy what it leads to, or take the whole as an archive with "-" as the destination.',
  );
}

/** Whether the target of a link stays inside; see {@link checkLinkTarget}. */
export function isInside(steps: readonly string[], target: string): boolean {
  const parts = target.split('/').filter((part) => part !== '' && part !== '.');
  const firstDown = parts.findIndex((part) => part !== '..');
  const ups = firstDown === -1 ? parts.length : firstDown;
  const stays = !target.startsWith('/') && ups < steps.length && !parts.slice(ups).includes('..');
  return stays && target !== '' && !target.includes('\0');
}

function refused(name: string, why: string): Error {
  return badArchive(`holds the name ${quoteName(name)}, ${why}`, 'It is refused; nothing was copied.');
}
