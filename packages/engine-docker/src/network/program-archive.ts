import { Buffer } from 'node:buffer';

const blockLength = 512;

/** A tar archive with one executable file that belongs to root. `name`: at most 100 characters of ASCII. */
export function toProgramArchive(name: string, program: Buffer): Buffer {
  const header = Buffer.alloc(blockLength);
  header.write(name, 0);
  header.write('0000755\0', 100);
  header.write('0000000\0', 108);
  header.write('0000000\0', 116);
  header.write(`${program.length.toString(8).padStart(11, '0')}\0`, 124);
  header.write('00000000000\0', 136);
  header.write('        ', 148);
  header.write('0', 156);
  header.write('ustar\x0000', 257);
  const sum = header.reduce((total, byte) => total + byte, 0);
  header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
  const padding = Buffer.alloc((blockLength - (program.length % blockLength)) % blockLength);
  return Buffer.concat([header, program, padding, Buffer.alloc(2 * blockLength)]);
}
