import { Argument, type Command } from 'commander';
import type { CommandContext } from '../command-context.ts';

/** Defines `recac completion <bash|zsh|fish>`. */
export function defineCompletion(command: Command, context: CommandContext): void {
  command.addArgument(new Argument('<shell>', 'whose script to print').choices(['bash', 'zsh', 'fish']));
  command.addHelpText(
    'after',
    '\nbash: source <(recac completion bash)\nzsh:  source <(recac completion zsh)\nfish: recac completion fish | source',
  );
  command.action(async (shell: 'bash' | 'zsh' | 'fish') => {
    const { completionAction } = await import('../actions/completion.ts');
    context.finish(await completionAction(shell, context));
  });
}
