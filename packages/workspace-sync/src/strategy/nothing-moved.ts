import type { TransferReport } from '@recac/engine-core';

/** The report where both sides are the same directory, or nothing changed. */
export const nothingMoved: TransferReport = { changed: 0, removed: 0, bytes: 0, conflicts: [], skipped: [] };
