/** What our scripts are named in an environment. */
const scriptName = 'recac';

/** A command that runs one of our scripts with some parameters. */
export function toScriptCommand<Parameter extends string | Uint8Array>(
  script: string,
  ...parameters: readonly Parameter[]
): readonly (string | Parameter)[] {
  return ['/bin/sh', '-c', script, scriptName, ...parameters];
}

/** Whether a command, as `listExecs` tells of it, is one of those: files are being moved, and it ends by itself, also when its client is gone. */
export function isScriptCommand([shell, flag, , name]: readonly string[]): boolean {
  return shell === '/bin/sh' && flag === '-c' && name === scriptName;
}
