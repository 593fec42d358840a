import { type CompletionEntry, listFlags } from './completion-entry.ts';

/** The completion script for bash. Session names are compared as text: `compgen -W` would run what stands in them. The bash of macOS has no `compopt`. */
export function renderBashCompletion(entries: readonly CompletionEntry[]): string {
  const flagCases = entries.map(
    (entry) => `    ${entry.name}) words='${[...entry.subcommands, ...listFlags(entry)].join(' ')}' ;;`,
  );
  const sessionCommands = entries.filter(({ takesSession }) => takesSession).map(({ name }) => name);
  return `# recac completion for bash
_recac() {
  local current="\${COMP_WORDS[COMP_CWORD]}" words='' word
  COMPREPLY=()
  if [ "$COMP_CWORD" -eq 1 ]; then
    COMPREPLY=($(compgen -W '${entries.map(({ name }) => name).join(' ')} help --help --version' -- "$current"))
    return
  fi
  case "\${COMP_WORDS[1]}" in
${flagCases.join('\n')}
  esac
  if [[ "$current" == -* ]] || [[ "\${COMP_WORDS[1]}" == config ]]; then
    COMPREPLY=($(compgen -W "$words" -- "$current"))
    return
  fi
  case "\${COMP_WORDS[1]}" in
    ${sessionCommands.join('|')})
      while IFS= read -r word; do
        [[ "$word" == "$current"* ]] && COMPREPLY+=("$(printf '%q' "$word")")
      done < <(recac list --names --quiet 2>/dev/null)
      if [[ "\${COMP_WORDS[1]}" == cp ]] && ((\${#COMPREPLY[@]} > 0)); then
        COMPREPLY=("\${COMPREPLY[@]/%/:}")
        compopt -o nospace 2>/dev/null
      fi
      ;;
    completion) COMPREPLY=($(compgen -W 'bash zsh fish' -- "$current")) ;;
  esac
}
complete -o default -F _recac recac
`;
}
