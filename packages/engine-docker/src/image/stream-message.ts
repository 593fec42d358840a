import { toDaemonMessage, toStatus } from '../daemon/daemon-error.ts';

/** The daemon's words in a refused call whose answer would have been a stream: dockerode gives no more of it than its own decorated message. */
export function toStreamMessage(error: unknown): string {
  const message = toDaemonMessage(error).replace(/^\(HTTP code \d+\) .*? -(?: |$)/, '');
  return message === '' ? `the daemon answered ${toStatus(error)} without a reason` : message;
}
