import type { CompletionEntry, CompletionFlag } from './completion-entry.ts';

/** The completion script for fish. */
export function renderFishCompletion(entries: readonly CompletionEntry[]): string {
  const names = entries.map(({ name }) => name).join(' ');
  const lines = ['# recac completion for fish', `set -l recac_commands ${names}`];
  for (const entry of entries) {
    lines.push(
      `complete -c recac -f -n "not __fish_seen_subcommand_from $recac_commands" -a ${entry.name} -d '${entry.summary.replaceAll("'", '')}'`,
    );
    for (const flag of entry.flags) lines.push(renderFlag(entry.name, flag));
    if (entry.takesSession)
      lines.push(
        `complete -c recac ${entry.name === 'cp' ? '' : '-f '}-n "__fish_seen_subcommand_from ${entry.name}" -a "(recac list --names --quiet 2>/dev/null${entry.name === 'cp' ? " | string replace -r '$' ':'" : ''})"`,
      );
    if (entry.subcommands.length > 0) {
      lines.push(
        `complete -c recac -f -n "__fish_seen_subcommand_from ${entry.name}" -a "${entry.subcommands.join(' ')}"`,
      );
    }
  }
  lines.push(`complete -c recac -f -n "__fish_seen_subcommand_from completion" -a "bash zsh fish"`);
  return `${lines.join('\n')}\n`;
}

function renderFlag(command: string, { long, short, description, takesValue }: CompletionFlag): string {
  const spelling = [
    long === undefined ? '' : `-l ${long.slice(2)}`,
    short === undefined ? '' : `-s ${short.slice(1)}`,
    takesValue ? '-r' : '',
  ];
  return `complete -c recac -n "__fish_seen_subcommand_from ${command}" ${spelling.filter((part) => part !== '').join(' ')} -d '${description}'`;
}
