// `npm run verify`: lint, types, unit tests and package checks; needs no daemon.
import { createReport } from './report.mjs';
import { steps } from './steps.mjs';

const report = createReport();
for (const name of ['lint', 'layers', 'types', 'schema', 'docs', 'unit', 'knip', 'build'])
  await steps[name](report, { docker: false });
await steps.packages(report, { install: false });
process.exitCode = report.finish() ? 0 : 1;
