import { conformWithShell } from './conform.ts';

conformWithShell('dash');
