import { findEvents } from './kubernetes-event.ts';
import type { Evidence, StartFailure } from './start-failure.ts';

/** A registry out of reach may come back: for so long it is tried. */
const pullGraceMs = 30_000;

/** Why the image is not there, from the kubelet's reason and the registry's words, which stand in the event once the kubelet waits. */
export function readPullFailure(reason: string, message: string, { podEvents }: Evidence): StartFailure {
  const failed = findEvents(podEvents, 'Failed').find((event) => /pull|image/i.test(event.message ?? ''));
  const words = reason === 'ImagePullBackOff' ? (failed?.message ?? message) : message;
  const base = { phase: 'pull', isFinal: true, evidence: [words] } as const;
  if (reason === 'InvalidImageName')
    return {
      ...base,
      code: 'RECAC_INVALID_ARGUMENT',
      reason,
      message: `the image reference is not valid: ${words}. Correct it.`,
    };
  if (reason === 'ErrImageNeverPull')
    return {
      ...base,
      code: 'RECAC_IMAGE_NOT_FOUND',
      reason: 'ImageNotPresent',
      message: `the image is not on the node and the pull policy is never: ${words}. Load it there, or use --pull if-missing.`,
    };
  if (/not found|manifest unknown|does not exist|name unknown/i.test(words) && !/lookup|no such host/i.test(words))
    return {
      ...base,
      code: 'RECAC_IMAGE_NOT_FOUND',
      reason: 'ImageNotFound',
      message: `the image does not exist where the node looks for it: ${words}. Correct the reference, or push it.`,
    };
  if (/unauthorized|denied|forbidden|authentication required|no basic auth/i.test(words))
    return {
      ...base,
      code: 'RECAC_IMAGE_PULL_FAILED',
      reason: 'ImagePullDenied',
      message: `the registry refuses the image: ${words}. Name a Secret with its credentials in image_pull_secrets.`,
    };
  if (/no match for platform|no matching manifest/i.test(words))
    return {
      ...base,
      code: 'RECAC_IMAGE_PULL_FAILED',
      reason: 'WrongPlatform',
      message: `the image does not exist for the node's platform: ${words}. Name one with --platform.`,
    };
  return {
    ...base,
    isFinal: false,
    graceMs: pullGraceMs,
    code: 'RECAC_IMAGE_PULL_FAILED',
    reason: 'ImagePullFailed',
    message: `the image cannot be pulled: ${words}. Check the registry and the node's way to it.`,
  };
}
