/**
 * Options of a dockerode call that posts `body`, with `query` and nothing else in the URL. By itself dockerode puts everything into both: variables and labels would stand
 * in the logs of daemons and proxies, and large ones be refused (431).
 */
export function inBody<T extends object>(
  body: T,
  { abortSignal, query = {} }: { readonly abortSignal: AbortSignal; readonly query?: Readonly<Record<string, string>> },
): T {
  // Its types do not know these two.
  return { _query: query, _body: body, abortSignal } as unknown as T;
}
