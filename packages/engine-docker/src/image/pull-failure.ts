import { type ErrorCode, RecacError } from '@recac/engine-core';
import { toPlainText } from '@recac/engine-kit';

/** Why an image is not there. `details.cause` of the errors. */
export type ImageCause =
  | 'not-found'
  | 'denied'
  | 'unreachable'
  | 'no-space'
  | 'wrong-platform'
  | 'rate-limited'
  | 'interrupted'
  | 'unknown';

interface Kind {
  readonly cause: ImageCause;
  readonly shape: RegExp;
}

/** The first that fits decides. */
const kinds: readonly Kind[] = [
  { cause: 'rate-limited', shape: /toomanyrequests|too many requests|rate limit/i },
  { cause: 'no-space', shape: /no space left on device|disk quota exceeded|not enough space/i },
  {
    cause: 'wrong-platform',
    shape:
      /no matching manifest|does not match the specified platform|no image found in (?:manifest list|image index)|cannot be used on this platform/i,
  },
  { cause: 'not-found', shape: /manifest unknown|name unknown|name not known|not found: |: not found|no such image/i },
  {
    cause: 'denied',
    shape:
      /denied|unauthorized|authentication required|no basic auth credentials|forbidden|invalid username|incorrect username/i,
  },
  {
    cause: 'unreachable',
    shape:
      /dial tcp|connection re(?:fused|set)|no such host|timeout|timed out|deadline exceeded|unreachable|x509|tls:|server gave http response|proxyconnect|EOF|bad gateway|service unavailable|server misbehaving|pinging container registry/i,
  },
];

const nextSteps: Readonly<Record<ImageCause, string>> = {
  'not-found': 'Check the reference, or build or push the image.',
  denied: 'Check the reference, or log in to the registry with "docker login".',
  unreachable: 'Check the name of the registry, the network and the proxy of the daemon, then try again.',
  'no-space': 'Free disk space on the machine of the daemon, for example with "docker system prune".',
  'wrong-platform': 'Ask for another platform, or use an image that has this one.',
  'rate-limited': 'Log in to the registry with "docker login", use a mirror, or wait.',
  interrupted: 'Try again; look at the log of the daemon when it happens again.',
  unknown: 'Look at the log of the daemon.',
};

/** What the daemon's own words mean. */
export function toImageCause(text: string): ImageCause {
  return kinds.find(({ shape }) => shape.test(text))?.cause ?? 'unknown';
}

/** The error for an image that is not there. `problem` completes "the image X …". */
export function imageFailure(cause: ImageCause, reference: string, problem: string, error?: unknown): RecacError {
  const code: ErrorCode = cause === 'not-found' ? 'RECAC_IMAGE_NOT_FOUND' : 'RECAC_IMAGE_PULL_FAILED';
  return new RecacError(code, `the image ${reference} ${problem.replace(/\.$/, '')}. ${nextSteps[cause]}`, {
    cause: error,
    details: { cause, image: reference },
  });
}

/** The error for a pull that failed with these words of the daemon. `secrets` never appear in it. */
export function pullFailure(reference: string, text: string, secrets: readonly string[]): RecacError {
  const cause = toImageCause(text);
  return imageFailure(cause, reference, `could not be pulled (${cause}): ${toPlainText(text, secrets)}`);
}
