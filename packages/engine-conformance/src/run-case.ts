import type { ConformanceCase } from './conformance-case.ts';
import { type CaseSettings, ConformanceContext } from './conformance-context.ts';
import { withDeadline } from './deadline.ts';

const defaultDeadlineMs = 30_000;
const disposeDeadlineMs = 20_000;

/** The longest a case may take, its tidying included, in milliseconds. */
export function caseTimeoutMs(conformanceCase: ConformanceCase, slow: number): number {
  return ((conformanceCase.deadlineMs ?? defaultDeadlineMs) + disposeDeadlineMs) * slow;
}

/** Runs one case against a fresh engine and tidies up after it. Rejects when the engine fails the case or takes too long. */
export async function runCase(conformanceCase: ConformanceCase, settings: CaseSettings): Promise<void> {
  const context = await ConformanceContext.create(settings);
  const deadlineMs = (conformanceCase.deadlineMs ?? defaultDeadlineMs) * settings.slow;
  try {
    await withDeadline(conformanceCase.run(context), deadlineMs, conformanceCase.id);
  } finally {
    await withDeadline(context.dispose(), disposeDeadlineMs * settings.slow, 'tidying up').catch(() => undefined);
  }
}
