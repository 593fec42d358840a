import { writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { RecacError, validateBackendName } from '@recac/engine-core';
import { prepareTrust, trustFile } from '@recac/session';
import type { CommandContext } from '../command-context.ts';
import type { ConfigInitOptions } from '../commands/config.ts';
import { exitOk } from '../exit-status.ts';
import { toJsonLine } from '../json-text.ts';
import { createReporter } from '../reporter.ts';

const fileName = 'recac.yaml';

/** `recac config init`: the new file is trusted, because the user asked for it. Never overwrites without `--force`. */
export async function configInitAction(options: ConfigInitOptions, { io }: CommandContext): Promise<number> {
  if (options.backend !== undefined) validateBackendName(options.backend, '--backend');
  const path = resolve(fileName);
  await prepareTrust();
  await writeFile(path, renderTemplate(options.backend), { flag: options.force === true ? 'w' : 'wx' }).catch(
    (cause: NodeJS.ErrnoException) => {
      throw toWriteError(path, cause);
    },
  );
  await trustFile(path);
  createReporter(io, options).note(`wrote ${path}`);
  if (options.json === true) await io.writeStdout(toJsonLine({ file: path }));
  return exitOk;
}

function toWriteError(path: string, cause: NodeJS.ErrnoException): RecacError {
  const problem =
    cause.code === 'EEXIST' ? 'is there already. Overwrite it with --force' : `cannot be written (${cause.code})`;
  return new RecacError('RECAC_INVALID_ARGUMENT', `${path} ${problem}.`, {
    cause,
    details: { field: 'file', rule: problem, path },
  });
}

/** Only what was asked for is set: a written value counts as chosen, also where it is the default. */
function renderTemplate(backend: string | undefined): string {
  const runner =
    backend === undefined
      ? '# runner:\n#   backend: docker # or kubernetes; local isolates nothing'
      : `runner:\n  backend: ${JSON.stringify(backend)}`;
  return `# Every setting with its meaning: recac config schema. What counts and why: recac config show.
# Completion in an editor: recac config schema > recac.schema.json, and the first line # yaml-language-server: $schema=recac.schema.json
${runner}

# kubernetes:
#   namespace: recac-agents
#   pvc_name: recac-workspace

# workspace:
#   strategy: auto

# session:
#   image: node:24
#   network: internet # none, internet or open
#   resources:
#     limits: { cpu: "2", memory: 4Gi }
#   timeout: 1h
#   pending_timeout: 5m
#   lease: 15m # the default of recac run; recac start has a lease only where one is set
#   kill_grace: 5s
`;
}
