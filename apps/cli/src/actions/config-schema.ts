import { toConfigJsonSchema } from '@recac/engine-core';
import type { CommandContext } from '../command-context.ts';
import { exitOk } from '../exit-status.ts';

/** `recac config schema`: draft-07, what editors understand. */
export async function configSchemaAction({ io }: CommandContext): Promise<number> {
  await io.writeStdout(`${JSON.stringify(toConfigJsonSchema(), null, 2)}\n`);
  return exitOk;
}
