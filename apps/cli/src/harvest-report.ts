import type { HarvestReport, TransferReport } from '@recac/engine-core';

/** Lines for people about the work that came back; none where nothing did. */
export function describeHarvest(report: HarvestReport | undefined): readonly string[] {
  if (report === undefined) return [];
  const next = report.nextCommand === undefined ? [] : [`next: ${report.nextCommand}`];
  return [report.summary, ...describeConflicts(report.conflicts ?? []), ...next];
}

/** Lines for people about files that were moved. `verb`: `sent` or `brought back`. */
export function describeTransfer(report: TransferReport, verb: string): readonly string[] {
  const { changed, removed, conflicts, skipped } = report;
  const moved = changed + removed === 0 ? `nothing to be ${verb}` : `${changed} changed, ${removed} removed, ${verb}`;
  const left = skipped.length === 0 ? [] : [`left out: ${shorten(skipped)}`];
  return [moved, ...describeConflicts(conflicts), ...left];
}

function describeConflicts(conflicts: readonly string[]): readonly string[] {
  return conflicts.length === 0 ? [] : [`changed on both sides: ${shorten(conflicts)}`];
}

const shown = 10;

function shorten(names: readonly string[]): string {
  const rest = names.length > shown ? ` and ${names.length - shown} more` : '';
  return `${names.slice(0, shown).join(', ')}${rest}`;
}
