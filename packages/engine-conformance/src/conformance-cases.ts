import { cancellationCases } from './cases/cancellation.ts';
import { capabilitiesCases } from './cases/capabilities.ts';
import { cleanupCases } from './cases/cleanup.ts';
import { concurrencyCases } from './cases/concurrency.ts';
import { detachedCases } from './cases/detached.ts';
import { errorsCases } from './cases/errors.ts';
import { execCases } from './cases/exec.ts';
import { imagesCases } from './cases/images.ts';
import { lifecycleCases } from './cases/lifecycle.ts';
import { portsCases } from './cases/ports.ts';
import { reattachCases } from './cases/reattach.ts';
import { signalsCases } from './cases/signals.ts';
import { stdinCases } from './cases/stdin.ts';
import { streamsCases } from './cases/streams.ts';
import { timeoutsCases } from './cases/timeouts.ts';
import { usersCases } from './cases/users.ts';
import type { ConformanceCase } from './conformance-case.ts';

/** Every case of the suite, group by group. */
export const conformanceCases: readonly ConformanceCase[] = [
  ...lifecycleCases,
  ...execCases,
  ...streamsCases,
  ...stdinCases,
  ...signalsCases,
  ...timeoutsCases,
  ...detachedCases,
  ...reattachCases,
  ...usersCases,
  ...imagesCases,
  ...portsCases,
  ...cancellationCases,
  ...errorsCases,
  ...capabilitiesCases,
  ...concurrencyCases,
  ...cleanupCases,
];
