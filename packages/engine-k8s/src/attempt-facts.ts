import { readOwner } from '@recac/engine-kit';
import type { JobFacts } from './job/job-settings.ts';
import { packageVersion } from './package-version.ts';

/** What a Job says of the attempt that made it. */
export function toFacts(attempt: string): JobFacts {
  return { attempt, owner: readOwner(), createdAt: new Date(), version: packageVersion };
}
