import type { HarvestReport, TransferReport } from '@recac/engine-core';
import type { Reporter } from './reporter.ts';

/** Tells people of the work that came back; says nothing where nothing did. What both sides changed is a problem. */
export function reportHarvest(reporter: Reporter, report: HarvestReport | undefined): void {
  if (report === undefined) return;
  reporter.note(report.summary);
  reportConflicts(reporter, report.conflicts ?? []);
  if (report.nextCommand !== undefined) reporter.note(`next: ${report.nextCommand}`);
}

/** Tells people of files that were moved. `verb`: `sent` or `brought back`. What both sides changed is a problem. */
export function reportTransfer(reporter: Reporter, report: TransferReport, verb: string): void {
  const { changed, removed, conflicts, skipped } = report;
  reporter.note(changed + removed === 0 ? `nothing to be ${verb}` : `${changed} changed, ${removed} removed, ${verb}`);
  reportConflicts(reporter, conflicts);
  if (skipped.length > 0) reporter.note(`left out: ${shorten(skipped)}`);
}

function reportConflicts(reporter: Reporter, conflicts: readonly string[]): void {
  if (conflicts.length > 0) reporter.problem(`changed on both sides: ${shorten(conflicts)}`);
}

const shown = 10;

function shorten(names: readonly string[]): string {
  const rest = names.length > shown ? ` and ${names.length - shown} more` : '';
  return `${names.slice(0, shown).join(', ')}${rest}`;
}
