import { conformWithShell } from './conform.ts';

conformWithShell('bash');
