import { Buffer } from 'node:buffer';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { FrameParser } from '../../src/stream/frame-parser.ts';

function frame(stream: number, payload: Uint8Array): Buffer {
  const header = Buffer.alloc(8);
  header.writeUInt8(stream, 0);
  header.writeUInt32BE(payload.length, 4);
  return Buffer.concat([header, payload]);
}

function parse(chunks: readonly Buffer[]) {
  const outputs: Record<number, Buffer[]> = { 1: [], 2: [], 3: [] };
  const parser = new FrameParser((stream, payload) => outputs[stream]?.push(Buffer.from(payload)));
  for (const chunk of chunks) parser.push(chunk);
  return { parser, stdout: Buffer.concat(outputs[1] ?? []), stderr: Buffer.concat(outputs[2] ?? []) };
}

describe('frame parser', () => {
  const frames = fc.array(fc.tuple(fc.constantFrom(1, 2), fc.uint8Array({ maxLength: 40 })));

  test('gives every byte to its stream, wherever the chunks are cut', () => {
    fc.assert(
      fc.property(frames, fc.array(fc.integer({ min: 1, max: 30 })), (list, cuts) => {
        let rest = Buffer.concat(list.map(([stream, payload]) => frame(stream, payload)));
        const chunks: Buffer[] = [];
        for (const cut of cuts) {
          chunks.push(rest.subarray(0, cut));
          rest = rest.subarray(cut);
        }
        const { parser, stdout, stderr } = parse([...chunks, rest]);
        const expected = (wanted: number) =>
          Buffer.concat(list.filter(([stream]) => stream === wanted).map(([, payload]) => payload));
        expect(stdout.equals(expected(1)) && stderr.equals(expected(2)) && parser.isBetweenFrames).toBe(true);
      }),
    );
  });

  test('knows that an end inside a frame cut it', () => {
    const whole = frame(1, Buffer.from('hello'));
    for (let length = 1; length < whole.length; length += 1)
      expect(parse([whole.subarray(0, length)]).parser.isBetweenFrames).toBe(false);
  });

  test('refuses what is no header', () => {
    expect(() => parse([Buffer.from('OCI runtime exec failed')])).toThrow(/not a frame/);
    expect(() => parse([Buffer.from([1, 0, 0, 1, 0, 0, 0, 1, 65])])).toThrow(/not a frame/);
  });

  test('takes 200 000 frames of one byte in one chunk: no recursion, no copies that grow', () => {
    const chunk = Buffer.concat(new Array<Buffer>(200_000).fill(frame(2, Buffer.from('x'))));
    expect(parse([chunk]).stderr.length).toBe(200_000);
  });
});
