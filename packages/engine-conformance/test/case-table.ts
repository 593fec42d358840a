import { readFile, writeFile } from 'node:fs/promises';
import { type ConformanceCase, conformanceCases, conformanceGroups } from '../src/index.ts';

const begin = '<!-- cases: begin, written by test/write-case-table.ts -->';
const end = '<!-- cases: end -->';

/** The README of this package. */
export const readmeUrl = new URL('../README.md', import.meta.url);

function condition({ requires = [], without }: ConformanceCase): string {
  const needed = requires.map((name) => `\`${name}\``).join(', ');
  return without === undefined ? needed : `not \`${without}\``;
}

function escapeCell(text: string): string {
  return text.replaceAll('\\', '\\\\').replaceAll('|', '\\|').replaceAll('<', '&lt;').replaceAll('*', '\\*');
}

/** The table of all cases, as it stands in the README. */
export function renderCaseTable(): string {
  const sections = conformanceGroups.map((group) => {
    const rows = conformanceCases
      .filter(({ id }) => id.startsWith(`${group}/`))
      .map((entry) => `| \`${entry.id}\` | ${escapeCell(entry.contract)} | ${condition(entry)} |`);
    return [`### ${group}`, '', '| case | the contract says | runs only with |', '|---|---|---|', ...rows].join('\n');
  });
  return [begin, `${conformanceCases.length} cases.`, ...sections, end].join('\n\n');
}

/** The README with the table of today. */
export async function readmeWithTable(): Promise<{ readonly current: string; readonly expected: string }> {
  const current = await readFile(readmeUrl, 'utf8');
  const [before = '', rest = ''] = current.split(begin);
  const [, after = ''] = rest.split(end);
  return { current, expected: before + renderCaseTable() + after };
}

/** Writes the table into the README. */
export async function writeCaseTable(): Promise<void> {
  await writeFile(readmeUrl, (await readmeWithTable()).expected);
}
