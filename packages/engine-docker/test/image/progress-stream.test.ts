import { Buffer } from 'node:buffer';
import { toPlainText } from '@recac/engine-kit';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { isForPlatform } from '../../src/image/platform-match.ts';
import { readProgress } from '../../src/image/progress-stream.ts';
import { toImageCause } from '../../src/image/pull-failure.ts';

async function* pieces(bytes: Buffer, sizes: readonly number[]): AsyncGenerator<Uint8Array> {
  let at = 0;
  for (const size of sizes) {
    yield bytes.subarray(at, at + size);
    at += size;
  }
  yield bytes.subarray(at);
}

async function toArray<T>(items: AsyncIterable<T>): Promise<readonly T[]> {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
}

test('lines are read whole however they are cut', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.record({ status: fc.string({ unit: 'binary' }) })),
      fc.array(fc.nat(20)),
      async (lines, sizes) => {
        const bytes = Buffer.from(lines.map((line) => `${JSON.stringify(line)}\r\n`).join(''));
        expect(await toArray(readProgress(pieces(bytes, sizes)))).toEqual(lines);
      },
    ),
  );
});

test('a stream that falls silent is given up', async () => {
  const silent: AsyncIterable<Uint8Array> = { [Symbol.asyncIterator]: () => ({ next: () => new Promise(() => {}) }) };
  await expect(toArray(readProgress(silent, 20))).rejects.toMatchObject({ problem: 'stalled' });
});

test('text of others is one line without passwords and control characters', () => {
  expect(toPlainText('a\n\u001b[31mb http://me:pw@host/x s3', ['s3'])).toBe('a \\u{1b}[31mb http://host/x [redacted]');
  expect(toPlainText('x'.repeat(5_000)).length).toBeLessThan(700);
});

test.each<[string, string]>([
  ['toomanyrequests: You have reached your pull rate limit', 'rate-limited'],
  ['failed to register layer: write /x: no space left on device', 'no-space'],
  ['no matching manifest for linux/arm64/v8 in the manifest list entries', 'wrong-platform'],
  ['manifest for host/a:1 not found: manifest unknown: manifest unknown', 'not-found'],
  ['pull access denied for a, repository does not exist or may require "docker login"', 'denied'],
  ['Get "https://host/v2/": x509: certificate signed by unknown authority', 'unreachable'],
  ['Get "https://host/v2/": dial tcp: lookup host: no such host', 'unreachable'],
  ['something new', 'unknown'],
])('%j is %s', (text, cause) => {
  expect(toImageCause(text)).toBe(cause);
});

test.each<[string, string, boolean]>([
  ['linux/arm64', 'linux/arm64/v8', true],
  ['linux/arm64/v8', 'linux/arm64', true],
  ['linux/aarch64', 'linux/arm64', true],
  ['linux/arm/v6', 'linux/arm/v7', false],
  ['linux/arm', 'linux/arm/v6', true],
  ['linux/amd64', 'linux/arm64', false],
  ['windows/amd64', 'linux/amd64', false],
])('for %s an image for %s: %s', (wanted, found, fits) => {
  const [Os, Architecture, Variant] = found.split('/');
  expect(isForPlatform({ Os, Architecture, Variant }, wanted)).toBe(fits);
});
