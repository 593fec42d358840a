import type Dockerode from 'dockerode';

type Done = (error: Error | null, result: unknown) => void;

/** What makes an error of an answer, or a result; its types keep it private. */
interface Modem {
  buildPayload(...parts: [...before: unknown[], done: Done]): void;
}

interface Response {
  readonly headers?: Readonly<Record<string, string | undefined>>;
}

/** Where the answer stands among the parts. */
const responseIndex = 5;

/** Lets the errors of a dockerode tell what their answer says in `Retry-After`, which its modem leaves out. */
export function keepRetryAfter(docker: Dockerode): void {
  const modem = docker.modem as unknown as Modem;
  const build = modem.buildPayload;
  modem.buildPayload = (...parts) => {
    const done = parts.pop() as Done;
    const retryAfterMs = toMilliseconds((parts[responseIndex] as Response).headers?.['retry-after']);
    build.call(modem, ...parts, (error: Error | null, result: unknown) =>
      done(error && retryAfterMs !== undefined ? Object.assign(error, { retryAfterMs }) : error, result),
    );
  };
}

/** How long the answer behind an error asks to wait, in milliseconds. Undefined: it does not say. */
export function toRetryAfterMs(error: unknown): number | undefined {
  return (error as { readonly retryAfterMs?: number }).retryAfterMs;
}

/** In seconds, or a date. */
function toMilliseconds(value: string | undefined): number | undefined {
  if (value === undefined) return undefined;
  const waitMs = /^\d+$/.test(value) ? Number(value) * 1_000 : Date.parse(value) - Date.now();
  return Number.isNaN(waitMs) ? undefined : Math.max(0, waitMs);
}
