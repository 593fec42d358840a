import { conformWithShell } from './conform.ts';

conformWithShell('busybox');
