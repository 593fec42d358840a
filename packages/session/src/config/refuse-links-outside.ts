import { realpath } from 'node:fs/promises';
import { dirname, isAbsolute, relative, resolve, sep } from 'node:path';
import { configInvalid } from '@recac/engine-core';
import type { ConfigLayer } from './config-layer.ts';
import { formatOrigin } from './config-origin.ts';
import { sensitiveSettings } from './sensitive-settings.ts';

const rule = 'must not go through a link that leads out of the project';

/**
 * Throws `RECAC_CONFIG_INVALID` when a project file names a workspace inside of the project that lies elsewhere because of a link. Also when the user has trusted
 * the file: whoever can write in the project can change the link afterwards, and the file stays the same.
 */
export async function refuseLinksOutside(layer: ConfigLayer, file: string): Promise<void> {
  const setting = sensitiveSettings.find(({ path }) => path === 'workspace.path');
  const written = layer.find(({ keys }) => keys.join('.') === setting?.path);
  if (typeof written?.value !== 'string' || setting?.isSensitive(written.value) !== false) return;
  const outside = await findOutside(dirname(file), written.value);
  if (outside === undefined) return;
  const nextStep = `If ${outside} is what you mean, name it itself in the file and run recac trust`;
  const message = `${setting.path} (${formatOrigin(written.origin)}) ${rule}. ${nextStep}`;
  throw configInvalid([{ path: setting.path, rule, message }]);
}

/** Where a path of a project really lies when that is outside of it. One that is not there, or cannot be looked at, is refused when it is used. */
async function findOutside(project: string, path: string): Promise<string | undefined> {
  const real = await realpath(resolve(project, path)).catch(() => undefined);
  if (real === undefined) return undefined;
  const steps = relative(await realpath(project), real);
  return steps === '..' || steps.startsWith(`..${sep}`) || isAbsolute(steps) ? real : undefined;
}
