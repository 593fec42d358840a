import { formatOrigin } from '@recac/session';
import type { CommandContext } from '../command-context.ts';
import { exitOk } from '../exit-status.ts';
import { toJsonLine } from '../json-text.ts';
import { loadCommandConfig } from '../load-command-config.ts';
import type { EngineOptions } from '../options/common-options.ts';
import { renderTable } from '../table.ts';

/** `recac config show`: values as they count, each with its origin. */
export async function configShowAction(options: EngineOptions, { io }: CommandContext): Promise<number> {
  const { values } = await loadCommandConfig(options);
  if (options.json === true) await io.writeStdout(toJsonLine(values));
  else {
    const rows = values.map(({ path, value, origin }) => [
      path,
      typeof value === 'string' ? value : (JSON.stringify(value) ?? ''),
      formatOrigin(origin),
    ]);
    await io.writeStdout(renderTable(['SETTING', 'VALUE', 'ORIGIN'], rows));
  }
  return exitOk;
}
