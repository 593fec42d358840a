import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Redactor } from '../src/redactor.ts';

const mask = '[redacted]';
const secret = fc.string({ unit: fc.constantFrom('a', 'b', '%', ' ', 'é'), minLength: 4, maxLength: 10 });

function redact(secrets: readonly string[], pieces: readonly Uint8Array[]): Buffer {
  const redactor = new Redactor(secrets);
  return Buffer.concat([...pieces.map((piece) => redactor.push(piece)), redactor.end()]);
}

function split(bytes: Buffer, sizes: readonly number[]): Buffer[] {
  const pieces: Buffer[] = [];
  let at = 0;
  for (const size of sizes) {
    pieces.push(bytes.subarray(at, at + size));
    at += size;
  }
  return [...pieces, bytes.subarray(at)];
}

function formsOf(value: string): string[] {
  const bytes = Buffer.from(value, 'utf8');
  return [value, bytes.toString('base64'), bytes.toString('base64url'), encodeURIComponent(value)];
}

/** Secrets, and a text made of their forms, of parts of them and of other text. */
const input = fc.array(secret, { minLength: 1, maxLength: 3 }).chain((secrets) => {
  const forms = secrets.flatMap(formsOf);
  const part = fc.oneof(
    fc.constantFrom(...forms),
    fc.tuple(fc.constantFrom(...forms), fc.nat({ max: 12 })).map(([form, length]) => form.slice(0, length)),
    fc.string({ maxLength: 6 }),
  );
  const text = fc.array(part, { maxLength: 12 }).map((parts) => Buffer.from(parts.join(''), 'utf8'));
  return fc.record({ secrets: fc.constant(secrets), text, sizes: fc.array(fc.nat({ max: 9 }), { maxLength: 40 }) });
});

test('however the input is split, no secret is left in any form', () => {
  fc.assert(
    fc.property(input, ({ secrets, text, sizes }) => {
      const shown = redact(secrets, split(text, sizes)).toString('latin1').split(mask);
      for (const form of secrets.flatMap(formsOf)) {
        const bytes = Buffer.from(form, 'utf8').toString('latin1');
        for (const between of shown) expect(between.includes(bytes)).toBe(false);
      }
    }),
    { numRuns: 2_000 },
  );
});

test('however the input is split, the output is that of one piece', () => {
  fc.assert(
    fc.property(input, ({ secrets, text, sizes }) => {
      expect(redact(secrets, split(text, sizes)).toString('latin1')).toBe(redact(secrets, [text]).toString('latin1'));
    }),
    { numRuns: 2_000 },
  );
});

test('a shorter value inside the beginning of a longer one waits for the longer one', () => {
  const secrets = ['%%éé', '%%%ééba  '];
  const text = Buffer.from('%%%ééba  ');
  expect(redact(secrets, split(text, [6, 1])).toString()).toBe('[redacted]');
});

test('input without secrets passes byte for byte', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), fc.array(fc.nat({ max: 9 })), (bytes, sizes) => {
      const text = Buffer.from(bytes);
      expect(redact(['correct horse battery'], split(text, sizes)).equals(text)).toBe(true);
    }),
  );
});

test('with the masks put back, the input is there again', () => {
  const text = Buffer.from('token=s3cr3t-value; again s3cr3t-value.');
  const shown = redact(['s3cr3t-value'], split(text, [8, 3, 1, 1, 20])).toString('utf8');
  expect(shown).toBe(`token=${mask}; again ${mask}.`);
  expect(shown.replaceAll(mask, 's3cr3t-value')).toBe(text.toString('utf8'));
});

test('all that cannot begin a secret is shown at once', () => {
  const redactor = new Redactor(['s3cr3t-value']);
  expect(Buffer.from(redactor.push(Buffer.from('ready> '))).toString()).toBe('ready> ');
});

test('a value with half a character in it is hidden as it is written out', () => {
  const value = 'half \ud800 of it';
  expect(redact([value], [Buffer.from(`${value}, half%20%EF%BF%BD%20of%20it`)]).toString()).toBe(`${mask}, ${mask}`);
});

test('values shorter than 4 bytes are left alone', () => {
  expect(redact(['abc', ''], [Buffer.from('abcabc')]).toString()).toBe('abcabc');
});
