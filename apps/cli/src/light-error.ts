/** An error in the shape of a `RecacError`, made without loading the core package: for what goes wrong before or after a command. */
export function createLightError(
  code: string,
  message: string,
  details: Readonly<Record<string, unknown>> = {},
): Error {
  return Object.assign(new Error(message), { code, details, [Symbol.for('recac.error')]: true });
}
