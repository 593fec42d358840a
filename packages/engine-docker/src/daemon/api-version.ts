import { RecacError } from '@recac/engine-core';

/** Newest version of Docker's API that this package was written against. */
const newestApiVersion = '1.51';
/** Oldest version of Docker's API that has all that this package uses. */
const oldestApiVersion = '1.40';

/** The version both sides speak. `apiVersion`: the newest of the daemon. Rejects a daemon that is too old. */
export function negotiateApiVersion(apiVersion: string, endpoint: string): string {
  if (compare(apiVersion, oldestApiVersion) < 0)
    throw new RecacError(
      'RECAC_ENGINE_UNAVAILABLE',
      `the daemon at ${endpoint} speaks API ${apiVersion}, and at least ${oldestApiVersion} (Docker 19.03) is needed. Update it.`,
      { details: { endpoint, apiVersion, oldestApiVersion } },
    );
  return compare(apiVersion, newestApiVersion) < 0 ? apiVersion : newestApiVersion;
}

function compare(left: string, right: string): number {
  const [leftMajor = 0, leftMinor = 0] = left.split('.').map(Number);
  const [rightMajor = 0, rightMinor = 0] = right.split('.').map(Number);
  return leftMajor - rightMajor || leftMinor - rightMinor;
}
