import { conform } from './conform.ts';

conform('local engine without /proc and setsid, as on macOS', {
  platform: { processTable: false, sessions: false, root: false },
});
