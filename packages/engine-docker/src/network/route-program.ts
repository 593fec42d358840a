import { Buffer } from 'node:buffer';

/** One instruction per line: the bytes, then what they mean. */
interface Machine {
  /** ELF's number of the machine. */
  readonly elf: number;
  readonly code: string;
}

/**
 * By the daemon's name of the machine. Both do the same: open a netlink socket to the routing tables; write each message and read the kernel's answer; leave
 * with its error number when it refused one, 255 when it gave no answer, 0 after the last message, whose length is zero. The messages follow the code.
 */
const machines: Readonly<Record<string, Machine>> = {
  amd64: {
    elf: 62,
    code: `
bf 10 00 00 00            mov edi, 16 (AF_NETLINK)
be 03 00 00 00            mov esi, 3 (SOCK_RAW)
31 d2                     xor edx, edx (NETLINK_ROUTE)
b8 29 00 00 00            mov eax, 41 (socket)
0f 05                     syscall
41 89 c4                  mov r12d, eax
48 8d 1d 4f 00 00 00      lea rbx, messages
8b 13                     next: mov edx, [rbx] (length of the message)
31 ff                     xor edi, edi
85 d2                     test edx, edx
74 3f                     jz leave
41 89 d5                  mov r13d, edx
44 89 e7                  mov edi, r12d
48 89 de                  mov rsi, rbx
b8 01 00 00 00            mov eax, 1 (write)
0f 05                     syscall
44 89 e7                  mov edi, r12d
48 8d b4 24 00 fc ff ff   lea rsi, [rsp - 1024]
ba 00 02 00 00            mov edx, 512
31 c0                     xor eax, eax (read)
0f 05                     syscall
bf ff 00 00 00            mov edi, 255
48 83 f8 14               cmp rax, 20
7c 10                     jl leave
8b bc 24 10 fc ff ff      mov edi, [rsp - 1024 + 16] (the answer's error)
f7 df                     neg edi
75 05                     jnz leave
4c 01 eb                  add rbx, r13
eb b9                     jmp next
b8 e7 00 00 00            leave: mov eax, 231 (exit_group)
0f 05                     syscall
90                        nop
`,
  },
  arm64: {
    elf: 183,
    code: `
00 02 80 d2               mov x0, 16 (AF_NETLINK)
61 00 80 d2               mov x1, 3 (SOCK_RAW)
02 00 80 d2               mov x2, 0 (NETLINK_ROUTE)
c8 18 80 d2               mov x8, 198 (socket)
01 00 00 d4               svc 0
f3 03 00 aa               mov x19, x0
34 03 00 10               adr x20, messages
95 02 40 b9               next: ldr w21, [x20] (length of the message)
00 00 80 d2               mov x0, 0
95 02 00 34               cbz w21, leave
e0 03 13 aa               mov x0, x19
e1 03 14 aa               mov x1, x20
e2 03 15 aa               mov x2, x21
08 08 80 d2               mov x8, 64 (write)
01 00 00 d4               svc 0
e0 03 13 aa               mov x0, x19
e1 03 10 d1               sub x1, sp, 1024
02 40 80 d2               mov x2, 512
e8 07 80 d2               mov x8, 63 (read)
01 00 00 d4               svc 0
1f 50 00 f1               cmp x0, 20
e0 1f 80 d2               mov x0, 255
eb 00 00 54               b.lt leave
e1 03 10 d1               sub x1, sp, 1024
20 10 40 b9               ldr w0, [x1, 16] (the answer's error)
e0 03 00 4b               neg w0, w0
60 00 00 35               cbnz w0, leave
94 02 15 8b               add x20, x20, x21
eb ff ff 17               b next
c8 0b 80 d2               leave: mov x8, 94 (exit_group)
01 00 00 d4               svc 0
`,
  },
};

const loadAddress = 0x40_00_00;
const elfHeaderLength = 64;
const segmentHeaderLength = 56;
const headersLength = elfHeaderLength + 2 * segmentHeaderLength;

/**
 * A program for Linux, a few hundred bytes that need nothing from any image, which sends messages to the kernel's routing tables. Undefined for a machine that
 * is not known; `architecture` is as Docker says it.
 */
export function toRouteProgram(architecture: string, messages: readonly Buffer[]): Buffer | undefined {
  const machine = machines[architecture];
  if (!machine) return undefined;
  const end = Buffer.alloc(4);
  const content = Buffer.concat([toCode(machine.code), ...messages, end]);
  const length = headersLength + content.length;
  return Buffer.concat([
    toElfHeader(machine.elf),
    toSegment({ type: 1, flags: 5, address: loadAddress, length }),
    toSegment({ type: 0x64_74_e5_51, flags: 6, address: 0, length: 0 }),
    content,
  ]);
}

/** The architecture in Docker's words, from those or the kernel's. */
export function toArchitecture(name: string): string {
  if (name === 'x86_64') return 'amd64';
  return name === 'aarch64' ? 'arm64' : name;
}

function toCode(listing: string): Buffer {
  const lines = listing.trim().split('\n');
  return Buffer.from(lines.map((line) => line.slice(0, 26).replaceAll(' ', '')).join(''), 'hex');
}

/** An ELF header for 64 bits, little-endian, executable, with the two segment headers right behind it. */
function toElfHeader(machine: number): Buffer {
  const header = Buffer.alloc(elfHeaderLength);
  header.set([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1]);
  header.writeUInt16LE(2, 16);
  header.writeUInt16LE(machine, 18);
  header.writeUInt32LE(1, 20);
  header.writeBigUInt64LE(BigInt(loadAddress + headersLength), 24);
  header.writeBigUInt64LE(BigInt(elfHeaderLength), 32);
  header.writeUInt16LE(elfHeaderLength, 52);
  header.writeUInt16LE(segmentHeaderLength, 54);
  header.writeUInt16LE(2, 56);
  return header;
}

/** The header of the segment with code and messages, or of the stack (which shall not be executable). */
function toSegment(segment: {
  readonly type: number;
  readonly flags: number;
  readonly address: number;
  readonly length: number;
}): Buffer {
  const header = Buffer.alloc(segmentHeaderLength);
  header.writeUInt32LE(segment.type, 0);
  header.writeUInt32LE(segment.flags, 4);
  header.writeBigUInt64LE(BigInt(segment.address), 16);
  header.writeBigUInt64LE(BigInt(segment.address), 24);
  header.writeBigUInt64LE(BigInt(segment.length), 32);
  header.writeBigUInt64LE(BigInt(segment.length), 40);
  header.writeBigUInt64LE(0x1_00_00n, 48);
  return header;
}
