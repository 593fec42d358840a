import { type CompletionEntry, listFlags } from './completion-entry.ts';

/** The completion script for zsh. */
export function renderZshCompletion(entries: readonly CompletionEntry[]): string {
  const commands = entries.map(({ name, summary }) => `    '${name}:${summary.replaceAll("'", '')}'`);
  const flagCases = entries.map(
    (entry) => `    ${entry.name}) candidates=(${[...entry.subcommands, ...listFlags(entry)].join(' ')}) ;;`,
  );
  const sessionCommands = entries.filter(({ takesSession }) => takesSession).map(({ name }) => name);
  return `#compdef recac
_recac() {
  local -a commands candidates names
  commands=(
${commands.join('\n')}
  )
  if (( CURRENT == 2 )); then
    _describe 'command' commands
    return
  fi
  case "\${words[2]}" in
${flagCases.join('\n')}
  esac
  if [[ "\${words[CURRENT]}" == -* || "\${words[2]}" == config ]]; then
    compadd -- "\${candidates[@]}"
    return
  fi
  case "\${words[2]}" in
    ${sessionCommands.join('|')})
      names=("\${(@f)$(recac list --names --quiet 2>/dev/null)}")
      if [[ "\${words[2]}" == cp ]]; then
        compadd -S ':' -- "\${names[@]}"
        _files
        return
      fi
      compadd -- "\${names[@]}"
      ;;
    completion) compadd -- bash zsh fish ;;
    *) _files ;;
  esac
}
compdef _recac recac
`;
}
