import { writeCaseTable } from './case-table.ts';

await writeCaseTable();
