/** The same promise, whose rejection is not reported as unhandled when a check fails before anyone awaits it. */
export function handled<T>(promise: Promise<T>): Promise<T> {
  promise.catch(() => undefined);
  return promise;
}
