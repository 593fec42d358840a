import { hostname, userInfo } from 'node:os';
import type { JobFacts } from './job/job-settings.ts';
import { packageVersion } from './package-version.ts';

/** What a Job says of the attempt that made it. */
export function toFacts(attempt: string): JobFacts {
  return { attempt, owner: toOwner(), createdAt: new Date(), version: packageVersion };
}

function toOwner(): string {
  try {
    return `${userInfo().username}@${hostname()}`;
  } catch {
    return hostname();
  }
}
