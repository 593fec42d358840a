// `npm test`: everything that this machine can run.
import { checkComponents } from './components.mjs';
import { createReport } from './report.mjs';
import { steps } from './steps.mjs';

const report = createReport();
checkComponents(report);
for (const step of Object.values(steps)) await step(report, { install: true });
process.exitCode = report.finish() ? 0 : 1;
