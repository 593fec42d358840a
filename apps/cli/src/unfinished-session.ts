import type { Unfinished } from './interruption.ts';

/** What an end by force may leave of a session, whose name is not known before its environment runs. */
export function describeUnfinishedSession(session: string | undefined): Unfinished {
  const message =
    session === undefined
      ? 'what was started may still be there. See recac list'
      : `${session} may still be there, with work that did not come back. recac stop ${session} brings it back and removes the environment`;
  return { message, session };
}
