import { http } from '@recac/engine-kit';
import type { DaemonAgent } from './daemon-agent.ts';

/** What a daemon says of itself without being asked for more than a sign of life. */
export interface DaemonPing {
  /** Newest version of the API that it speaks: `1.41`. */
  readonly apiVersion: string;
  /** Its own version, when it tells it here: `20.10.24`. */
  readonly version?: string;
  /** It is Podman, which speaks Docker's API too. */
  readonly podman: boolean;
}

const longestAnswerBytes = 4_096;
const apiVersionPattern = /^\d{1,3}\.\d{1,4}$/;

/** Asks for a sign of life. Rejects with the error of the connection, an error with `statusCode`, or the signal's reason. */
export function pingDaemon(agent: DaemonAgent, signal: AbortSignal): Promise<DaemonPing> {
  return new Promise((resolve, reject) => {
    signal.throwIfAborted();
    const asked = http.request({ agent, path: '/_ping', headers: { Host: 'docker' } });
    const giveUp = (): void => {
      asked.destroy();
      reject(signal.reason);
    };
    signal.addEventListener('abort', giveUp, { once: true });
    asked.on('close', () => {
      signal.removeEventListener('abort', giveUp);
      reject(new Error('the connection was closed before an answer came'));
    });
    asked.on('error', reject);
    asked.on('response', (response) => {
      let text = '';
      response.setEncoding('utf8');
      response.on('error', reject);
      response.on('data', (chunk: string) => {
        text += chunk;
        if (text.length > longestAnswerBytes) asked.destroy(new Error('what answers there is not a Docker daemon'));
      });
      response.on('end', () => {
        const { statusCode = 0, headers } = response;
        const ping = toPing(headers);
        if (statusCode !== 200) reject(Object.assign(new Error(text.trim().slice(0, 200)), { statusCode }));
        else if (ping) resolve(ping);
        else reject(new Error('what answers there is not a Docker daemon'));
      });
    });
    asked.end();
  });
}

function toPing(headers: NodeJS.Dict<string | string[]>): DaemonPing | undefined {
  const apiVersion = String(headers['api-version'] ?? '');
  if (!apiVersionPattern.test(apiVersion)) return undefined;
  const version = /^(?:Docker|Libpod)\/(\S+)/.exec(String(headers.server ?? ''))?.[1];
  return {
    apiVersion,
    ...(version === undefined ? {} : { version }),
    podman: headers['libpod-api-version'] !== undefined,
  };
}
