import { Limiter } from '@recac/engine-kit';
import type { OpenConnection, Opened } from './daemon-agent.ts';
import { SshStream, type SshTarget } from './ssh-stream.ts';

/** Of the ten that a server takes by itself before it drops some (`MaxStartups 10:30:100` of sshd), some are for others. */
const handshakes = 6;
/** A handshake that is through says nothing until the daemon answers, which may take long. */
const longestMs = 5_000;

/** Opens connections through `ssh`, a few at a time; each counts until its first byte comes, or for 5 s. */
export function createSshOpener(target: SshTarget): OpenConnection {
  const limiter = new Limiter(handshakes);
  let waiting = new AbortController();
  const openNext = async (opened: Opened): Promise<void> => {
    const { signal } = waiting;
    const release = await limiter.acquire(signal);
    try {
      signal.throwIfAborted();
      const stream = new SshStream(target);
      const timer = setTimeout(release, longestMs).unref();
      const through = (): void => {
        clearTimeout(timer);
        release();
      };
      stream.onFirstByte(through);
      stream.once('close', through);
      opened(null, stream);
    } catch (error) {
      release();
      throw error;
    }
  };
  const open = (opened: Opened): undefined => {
    openNext(opened).catch((error: Error) => opened(error));
    return undefined;
  };
  const abandon = (): void => {
    waiting.abort();
    waiting = new AbortController();
  };
  return Object.assign(open, { abandon });
}
