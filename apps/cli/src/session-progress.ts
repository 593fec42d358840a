import type { HarvestReport, TransferReport } from '@recac/engine-core';
import type { SessionEvent, SessionListener } from '@recac/session';
import { reportHarvest, reportTransfer } from './harvest-report.ts';
import { describeMilliseconds } from './milliseconds.ts';
import type { Reporter } from './reporter.ts';

type StartProgress = Extract<SessionEvent, { type: 'start' }>['progress'];

/** What shows the phases of a session, and remembers its warnings for `--json`. */
export interface SessionProgress {
  /** For `openSession`. */
  readonly onEvent: SessionListener;
  /** Name of the session, once its environment runs. */
  readonly session: string | undefined;
  /** Warnings up to now. */
  readonly warnings: readonly string[];
  /** What became of the work, once that is known. */
  readonly harvested: HarvestReport | undefined;
}

const plainPauseMs = 2_000;

/** Shows the phases of a session: one live line on a terminal, plain lines elsewhere, where a phase that goes on speaks every two seconds only. */
export function createSessionProgress(reporter: Reporter): SessionProgress {
  const warnings: string[] = [];
  let harvested: HarvestReport | undefined;
  let session: string | undefined;
  const showStart = reporter.isLive ? showLive(reporter) : showPlain(reporter);
  const onEvent: SessionListener = (event) => {
    if (event.type === 'notice') reporter.note(event.message);
    if (event.type === 'warning') {
      warnings.push(event.message);
      reporter.note(`warning: ${event.message}`);
    }
    if (event.type === 'start') showStart(event.progress);
    if (event.type === 'started') {
      const { sessionId, backend, workspacePath } = event.environment;
      session = sessionId;
      reporter.note(
        `session ${sessionId} on ${backend}, workspace ${workspacePath}, ready after ${describeMilliseconds(event.elapsedMs)}`,
      );
    }
    if (event.type === 'prepare' && event.state === 'started' && event.strategy !== 'none')
      reporter.note(`workspace: ${event.summary}`);
    if (event.type === 'push') reporter.status(event.state === 'started' ? 'sending the workspace' : '');
    if (event.type === 'push' && event.report !== undefined && hasLeft(event.report))
      reportTransfer(reporter, event.report, 'sent');
    if (event.type === 'harvest') {
      reporter.status(event.state === 'started' ? 'bringing the work back' : '');
      harvested = event.report ?? harvested;
      reportHarvest(reporter, event.report);
    }
    if (event.type === 'stop') reporter.status(event.state === 'started' ? 'stopping' : '');
  };
  return {
    onEvent,
    get session() {
      return session;
    },
    warnings,
    get harvested() {
      return harvested;
    },
  };
}

function hasLeft({ skipped, conflicts }: TransferReport): boolean {
  return skipped.length + conflicts.length > 0;
}

function showLive(reporter: Reporter): (progress: StartProgress) => void {
  return (progress) => reporter.status(describeStart(progress));
}

function showPlain(reporter: Reporter): (progress: StartProgress) => void {
  let phase: string | undefined;
  let shownAt = Number.NEGATIVE_INFINITY;
  return (progress) => {
    if (progress.state !== 'waiting') return;
    const now = performance.now();
    if (progress.phase === phase && now - shownAt < plainPauseMs) return;
    phase = progress.phase;
    shownAt = now;
    reporter.note(describeStart(progress));
  };
}

function describeStart({ phase, elapsedMs, limitMs, message }: StartProgress): string {
  const limit = limitMs === undefined ? '' : ` of ${describeMilliseconds(limitMs)}`;
  return `${phase} ${describeMilliseconds(elapsedMs)}${limit}${message === undefined ? '' : `: ${message}`}`;
}
