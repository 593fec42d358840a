import { Buffer } from 'node:buffer';
import type { RawExit } from '@recac/engine-kit';

/** First byte of each message of an exec: what the rest is. */
export const execChannel = { stdin: 0, stdout: 1, stderr: 2, status: 3, resize: 4, close: 255 } as const;

/** Protocol in which stdin can be ended alone (kubernetes/kubernetes#119157). */
export const halfCloseProtocol = 'v5.channel.k8s.io';

/** Protocols of an exec, most wanted first. With the older one stdin never ends before the process does (kubernetes/kubernetes#89899). */
export const execProtocols: readonly string[] = [halfCloseProtocol, 'v4.channel.k8s.io'];

/** One message: a channel and its bytes. */
export function encodeFrame(channel: number, bytes: Uint8Array): Buffer {
  const frame = Buffer.allocUnsafe(bytes.length + 1);
  frame[0] = channel;
  frame.set(bytes, 1);
  return frame;
}

/** The end of an exec as its status channel says it: how the process ended, or why there was none. */
export type ExecEnd =
  | { readonly type: 'exited'; readonly code: number }
  | { readonly type: 'failed'; readonly message: string };

interface ExecStatus {
  readonly status?: unknown;
  readonly reason?: unknown;
  readonly message?: unknown;
  readonly details?: { readonly causes?: readonly { readonly reason?: unknown; readonly message?: unknown }[] };
}

/** Reads the status channel's JSON. Only `Success` and `NonZeroExitCode` are ends of a process; all else is trouble on the way to it. */
export function readExecEnd(text: string): ExecEnd {
  const status = parse(text);
  if (status?.status === 'Success') return { type: 'exited', code: 0 };
  if (status?.reason === 'NonZeroExitCode') {
    const cause = status.details?.causes?.find(({ reason }) => reason === 'ExitCode');
    const code = Number(cause?.message);
    if (Number.isInteger(code)) return { type: 'exited', code };
  }
  const message = typeof status?.message === 'string' ? status.message : text;
  return { type: 'failed', message: message === '' ? 'the exec failed without a reason' : message };
}

/** How a process ended; `undefined` is a connection that ended without a status. */
export function toRawExit(end: ExecEnd | undefined, lostReason: string): RawExit {
  if (end?.type === 'exited') return end;
  return { type: 'lost', reason: end?.message ?? lostReason };
}

function parse(text: string): ExecStatus | undefined {
  try {
    return JSON.parse(text) as ExecStatus;
  } catch {
    return undefined;
  }
}
