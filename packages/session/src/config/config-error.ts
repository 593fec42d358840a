import { configInvalid, type RecacError } from '@recac/engine-core';

/** The error `RECAC_CONFIG_INVALID` for a configuration file as a whole, with the place in it where known. */
export function configFileInvalid(
  file: string,
  rule: string,
  nextStep: string,
  line?: number,
  cause?: unknown,
): RecacError {
  const place = line === undefined ? file : `${file}:${line}`;
  const shownRule = rule.replace(/\p{C}/gu, '\ufffd');
  return configInvalid([{ path: '', rule: shownRule, message: `${place} ${shownRule}. ${nextStep}` }], cause);
}
