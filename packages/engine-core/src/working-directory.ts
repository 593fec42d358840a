import { findTextProblem, toByteLength } from './process-text.ts';
import { invalidArgument } from './recac-error.ts';

/** Longest path in bytes: Linux' PATH_MAX without its end mark. */
export const maximumPathBytes = 4_095;

/**
 * Checks a working directory: absolute, no NUL, at most 4 095 bytes, and not under /proc, where a path can lead out of a
 * container (CVE-2024-21626). Whether it exists, and where links lead, only the environment knows.
 * Errors: `RECAC_INVALID_ARGUMENT`.
 */
export function validateWorkingDirectory(path: string, field = 'workingDirectory'): void {
  const nextStep = 'Use an absolute path inside the environment, such as /workspace.';
  if (typeof path !== 'string') throw invalidArgument(field, 'must be a string', nextStep);
  if (path === '') throw invalidArgument(field, 'must not be empty', nextStep);
  const problem = findTextProblem(path);
  if (problem !== undefined) throw invalidArgument(field, problem, nextStep);
  if (!path.startsWith('/')) throw invalidArgument(field, 'must be an absolute path', nextStep);
  if (toByteLength(path) > maximumPathBytes)
    throw invalidArgument(field, `must not exceed ${maximumPathBytes} bytes`, nextStep);
  if (resolveSegments(path)[0] === 'proc') throw invalidArgument(field, 'must not be under /proc', nextStep);
}

function resolveSegments(path: string): readonly string[] {
  const segments: string[] = [];
  for (const segment of path.split('/')) {
    if (segment === '..') segments.pop();
    else if (segment !== '' && segment !== '.') segments.push(segment);
  }
  return segments;
}
