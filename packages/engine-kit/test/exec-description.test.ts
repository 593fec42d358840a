import fc from 'fast-check';
import { expect, test } from 'vitest';
import { decodeDescription, encodeDescription } from '../src/lane/exec-description.ts';

test('short commands come back whole, as one word', () => {
  fc.assert(
    fc.property(
      fc.array(fc.string({ maxLength: 100 }), { maxLength: 32 }),
      fc.date({ noInvalidDate: true }),
      (command, startedAt) => {
        const word = encodeDescription(command, startedAt);
        expect(word).toMatch(/^[A-Za-z0-9_-]+$/);
        expect(decodeDescription(word)).toEqual({ command, startedAt });
      },
    ),
  );
});

test('long and binary commands are shortened, never refused', () => {
  const command = [new Uint8Array([255, 0, 128]), 'x'.repeat(100_000), ...Array.from({ length: 100 }, String)];
  const shown = decodeDescription(encodeDescription(command, new Date(0))).command;
  expect(shown.length).toBe(32);
  expect(shown[1]).toBe(`${'x'.repeat(200)}…`);
});

test('text that is no description is an empty command at time 0', () => {
  fc.assert(
    fc.property(fc.string(), (text) => {
      const { command, startedAt } = decodeDescription(text);
      expect(Array.isArray(command)).toBe(true);
      expect(startedAt.toISOString()).toMatch(/^\d{4}-/);
    }),
  );
});

test.each(['["x"]', '[1e17,"x"]', '[null,"x"]', '[{},"x"]'])('a time that is none, as in %s, is time 0', (text) => {
  const description = decodeDescription(Buffer.from(text).toString('base64url'));
  expect(description).toMatchObject({ startedAt: new Date(0) });
});
