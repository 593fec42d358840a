import { Buffer } from 'node:buffer';

/** A piece of an upgraded connection: the answer to the upgrade, or one frame. */
export interface WebSocketFrame {
  /** The whole piece, as it came. */
  readonly bytes: Buffer;
  /** First byte of what a frame of data carries, which Kubernetes uses as its channel; undefined for anything else. */
  readonly channel?: number;
}

const binary = 2;

/** Takes what a server sends after an upgrade apart into frames, however it was cut. */
export class WebSocketFrames {
  #rest = Buffer.alloc(0);
  #isUpgraded = false;

  /** The pieces that are whole by now. */
  take(chunk: Buffer): readonly WebSocketFrame[] {
    this.#rest = Buffer.concat([this.#rest, chunk]);
    const frames: WebSocketFrame[] = [];
    for (let frame = this.#next(); frame !== undefined; frame = this.#next()) frames.push(frame);
    return frames;
  }

  #next(): WebSocketFrame | undefined {
    const length = this.#isUpgraded ? frameLength(this.#rest) : answerLength(this.#rest);
    if (length === undefined || length > this.#rest.length) return undefined;
    const bytes = this.#rest.subarray(0, length);
    this.#rest = this.#rest.subarray(length);
    if (!this.#isUpgraded) {
      this.#isUpgraded = true;
      return { bytes };
    }
    const start = headerLength(bytes);
    return ((bytes[0] ?? 0) & 0xf) === binary && length > start ? { bytes, channel: Number(bytes[start]) } : { bytes };
  }
}

/** A frame that closes a WebSocket with a code, as a server sends it (RFC 6455, 5.5.1). */
export function closeFrame(code: number): Buffer {
  return Buffer.from([0x88, 2, code >> 8, code & 0xff]);
}

/** A server's frames are not masked (RFC 6455, 5.2). */
function headerLength(frame: Buffer): number {
  const short = (frame[1] ?? 0) & 0x7f;
  return short === 127 ? 10 : short === 126 ? 4 : 2;
}

function answerLength(bytes: Buffer): number | undefined {
  const end = bytes.indexOf('\r\n\r\n');
  return end === -1 ? undefined : end + 4;
}

function frameLength(bytes: Buffer): number | undefined {
  if (bytes.length < 2) return undefined;
  const header = headerLength(bytes);
  if (bytes.length < header) return undefined;
  if (header === 2) return 2 + ((bytes[1] ?? 0) & 0x7f);
  return header + (header === 4 ? bytes.readUInt16BE(2) : Number(bytes.readBigUInt64BE(2)));
}
