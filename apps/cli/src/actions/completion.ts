import type { CommandContext } from '../command-context.ts';
import { renderBashCompletion } from '../completion/bash.ts';
import { describeCommands } from '../completion/completion-entry.ts';
import { renderFishCompletion } from '../completion/fish.ts';
import { renderZshCompletion } from '../completion/zsh.ts';
import { exitOk } from '../exit-status.ts';

const renderers = { bash: renderBashCompletion, zsh: renderZshCompletion, fish: renderFishCompletion };

/** `recac completion`: a script that completes commands, flags and the names of running sessions. */
export async function completionAction(shell: keyof typeof renderers, context: CommandContext): Promise<number> {
  const program = await context.createFullProgram();
  await context.io.writeStdout(renderers[shell](describeCommands(program)));
  return exitOk;
}
