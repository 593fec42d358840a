import { type ConfigIssue, configInvalid } from '@recac/engine-core';
import type { ConfigLayer } from './config-layer.ts';
import { formatOrigin } from './config-origin.ts';
import { sensitiveSettings } from './sensitive-settings.ts';

/** Throws `RECAC_CONFIG_INVALID` when a file that the user has not trusted holds a sensitive setting; names every one. */
export function refuseUntrusted(layer: ConfigLayer, file: string): void {
  const issues = layer.flatMap(({ keys, value, origin }): readonly ConfigIssue[] => {
    const path = keys.join('.');
    // A map is written as one value for each of its names.
    const setting = sensitiveSettings.find((it) => path === it.path || path.startsWith(`${it.path}.`));
    if (setting?.isSensitive(value) !== true) return [];
    const rule = 'counts only from a file that you trust';
    const nextStep = `Look at the file, then run: recac trust ${quote(file)}`;
    return [
      {
        path,
        rule,
        message: `${path} (${formatOrigin(origin)}) ${rule}, because an agent can write there. ${nextStep}`,
      },
    ];
  });
  if (issues.length > 0) throw configInvalid(issues);
}

function quote(path: string): string {
  return /^[\w./@%+=:,-]+$/.test(path) ? path : `'${path.replaceAll("'", "'\\''")}'`;
}
