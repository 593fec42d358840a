import type { SessionEvent, SessionListener } from '@recac/session';
import { describeMilliseconds } from './milliseconds.ts';
import type { Reporter } from './reporter.ts';

type StartProgress = Extract<SessionEvent, { type: 'start' }>['progress'];

/** A listener that shows the phases of a session: one live line on a terminal, plain lines elsewhere. */
export function createSessionProgress(reporter: Reporter): SessionListener {
  return (event) => {
    if (event.type === 'notice') reporter.note(event.message);
    if (event.type === 'start') showStart(reporter, event.progress);
    if (event.type === 'started') {
      const { sessionId, backend, workspacePath } = event.environment;
      reporter.note(
        `session ${sessionId} on ${backend}, workspace ${workspacePath}, ready after ${describeMilliseconds(event.elapsedMs)}`,
      );
    }
    if (event.type === 'stop') reporter.status(event.state === 'started' ? 'stopping' : '');
  };
}

function showStart(reporter: Reporter, progress: StartProgress): void {
  const text = describeStart(progress);
  if (reporter.isLive) reporter.status(text);
  else if (progress.state === 'waiting') reporter.note(text);
}

function describeStart({ phase, elapsedMs, limitMs, message }: StartProgress): string {
  const limit = limitMs === undefined ? '' : ` of ${describeMilliseconds(limitMs)}`;
  return `${phase} ${describeMilliseconds(elapsedMs)}${limit}${message === undefined ? '' : `: ${message}`}`;
}
