/**
 * Lengths of x86 instructions, and where they hold addresses (Intel SDM volume 2, chapter 2 and
 * appendix A). Enough to compare code that was moved; fast enough for all of it.
 */

/** Filled again for each instruction. */
export interface X86Instruction {
  /** Bytes. */
  size: number;
  /** Offset in the instruction of a field of 4 bytes that may hold an address, or 0. */
  displacement: number;
  /** Whether it counts from the end of the instruction. */
  relative: boolean;
  /** The same for the immediate operand; of 1, 4 or 8 bytes. */
  immediate: number;
  immediateSize: number;
  /** A jump or a call: the immediate counts from the end of the instruction. */
  branch: boolean;
  /** `lea`: the address itself is the value, and nothing is read there. */
  takesAddress: boolean;
}

export function emptyInstruction(): X86Instruction {
  return {
    size: 0,
    displacement: 0,
    relative: false,
    immediate: 0,
    immediateSize: 0,
    branch: false,
    takesAddress: false,
  };
}

/** What follows an opcode. `z`: 2 or 4 bytes by operand size; `v`: 8 too; `j`: a branch. */
type Tail = '' | 'b' | 'w' | 'z' | 'v' | 'wb' | 'jb' | 'jz' | 'moffs' | 'group-b' | 'group-z' | 'far';

interface Opcode {
  readonly modrm: boolean;
  readonly tail: Tail;
}

const invalid: Opcode = { modrm: false, tail: '' };

function table(): (Opcode | undefined)[] {
  return Array.from<Opcode | undefined>({ length: 256 });
}

function set(to: (Opcode | undefined)[], from: number, until: number, modrm: boolean, tail: Tail = ''): void {
  for (let code = from; code <= until; code++) to[code] = { modrm, tail };
}

const oneByte = (() => {
  const codes = table();
  set(codes, 0x00, 0xff, false);
  for (let row = 0; row < 0x40; row += 8) {
    set(codes, row, row + 3, true);
    set(codes, row + 4, row + 4, false, 'b');
    set(codes, row + 5, row + 5, false, 'z');
  }
  set(codes, 0x63, 0x63, true);
  set(codes, 0x68, 0x68, false, 'z');
  set(codes, 0x69, 0x69, true, 'z');
  set(codes, 0x6a, 0x6a, false, 'b');
  set(codes, 0x6b, 0x6b, true, 'b');
  set(codes, 0x70, 0x7f, false, 'jb');
  set(codes, 0x80, 0x83, true, 'b');
  set(codes, 0x81, 0x81, true, 'z');
  set(codes, 0x84, 0x8f, true);
  set(codes, 0x9a, 0x9a, false, 'far');
  set(codes, 0xa0, 0xa3, false, 'moffs');
  set(codes, 0xa8, 0xa8, false, 'b');
  set(codes, 0xa9, 0xa9, false, 'z');
  set(codes, 0xb0, 0xb7, false, 'b');
  set(codes, 0xb8, 0xbf, false, 'v');
  set(codes, 0xc0, 0xc1, true, 'b');
  set(codes, 0xc2, 0xc2, false, 'w');
  set(codes, 0xc4, 0xc5, true);
  set(codes, 0xc6, 0xc6, true, 'b');
  set(codes, 0xc7, 0xc7, true, 'z');
  set(codes, 0xc8, 0xc8, false, 'wb');
  set(codes, 0xca, 0xca, false, 'w');
  set(codes, 0xcd, 0xcd, false, 'b');
  set(codes, 0xd0, 0xd3, true);
  set(codes, 0xd4, 0xd5, false, 'b');
  set(codes, 0xd8, 0xdf, true);
  set(codes, 0xe0, 0xe3, false, 'jb');
  set(codes, 0xe4, 0xe7, false, 'b');
  set(codes, 0xe8, 0xe9, false, 'jz');
  set(codes, 0xea, 0xea, false, 'far');
  set(codes, 0xeb, 0xeb, false, 'jb');
  set(codes, 0xf6, 0xf6, true, 'group-b');
  set(codes, 0xf7, 0xf7, true, 'group-z');
  set(codes, 0xfe, 0xff, true);
  return codes;
})();

const twoByte = (() => {
  const codes = table();
  set(codes, 0x00, 0xff, true);
  for (const [from, until] of [
    [0x04, 0x09],
    [0x0b, 0x0b],
    [0x0e, 0x0e],
    [0x30, 0x37],
    [0x77, 0x77],
    [0xa0, 0xa2],
    [0xa8, 0xaa],
    [0xc8, 0xcf],
  ] as const) {
    set(codes, from, until, false);
  }
  set(codes, 0x0f, 0x0f, true, 'b');
  set(codes, 0x70, 0x73, true, 'b');
  set(codes, 0x80, 0x8f, false, 'jz');
  for (const code of [0xa4, 0xac, 0xba, 0xc2, 0xc4, 0xc5, 0xc6]) set(codes, code, code, true, 'b');
  return codes;
})();

const withModrm: Opcode = { modrm: true, tail: '' };
const withModrmAndByte: Opcode = { modrm: true, tail: 'b' };

/** By the number of the opcode map in VEX and EVEX prefixes. */
function mapped(map: number, code: number): Opcode {
  if (map === 1) return twoByte[code] ?? invalid;
  return map === 3 ? withModrmAndByte : withModrm;
}

/**
 * Decodes the instruction at `at`; false if the bytes are none, or break off at `end`.
 * @param wide whether the code is of 64 bits
 */
export function decodeX86(bytes: Buffer, at: number, end: number, wide: boolean, out: X86Instruction): boolean {
  out.displacement = 0;
  out.relative = false;
  out.immediate = 0;
  out.immediateSize = 0;
  out.branch = false;
  out.takesAddress = false;
  let next = at;
  let [small, smallAddress, rexWide] = [false, false, false];
  for (; next < end && next - at < 14; next++) {
    const byte = bytes[next] ?? 0;
    if (byte === 0x66) small = true;
    else if (byte === 0x67) smallAddress = true;
    else if (!isPlainPrefix(byte)) break;
  }
  if (wide && ((bytes[next] ?? 0) & 0xf0) === 0x40) {
    rexWide = ((bytes[next] ?? 0) & 8) !== 0;
    next++;
  }
  let code = bytes[next++] ?? 0;
  let opcode: Opcode;
  const following = bytes[next] ?? 0;
  if (code === 0x0f) {
    code = bytes[next++] ?? 0;
    opcode = twoByte[code] ?? invalid;
    if (code === 0x38 || code === 0x3a) {
      next++;
      opcode = code === 0x38 ? withModrm : withModrmAndByte;
    }
  } else if (code === 0xc5 && (wide || following >= 0xc0)) {
    opcode = mapped(1, bytes[next + 1] ?? 0);
    next += 2;
  } else if (code === 0xc4 && (wide || following >= 0xc0)) {
    opcode = mapped(following & 0x1f, bytes[next + 2] ?? 0);
    next += 3;
  } else if (code === 0x62 && (wide || following >= 0xc0)) {
    opcode = mapped(following & 7, bytes[next + 3] ?? 0);
    next += 4;
  } else if (code === 0x8f && (following & 0x1f) >= 8) {
    // XOP, of some AMD processors.
    opcode = (following & 0x1f) === 8 ? withModrmAndByte : withModrm;
    next += 3;
  } else {
    opcode = oneByte[code] ?? invalid;
    out.takesAddress = code === 0x8d;
  }
  let tail = opcode.tail;
  if (opcode.modrm) {
    const modrm = bytes[next] ?? 0;
    if (tail === 'group-b') tail = (modrm & 0x38) < 0x10 ? 'b' : '';
    if (tail === 'group-z') tail = (modrm & 0x38) < 0x10 ? 'z' : '';
    next = operand(bytes, next, at, wide, smallAddress && !wide, out);
  }
  const size = tailSize(tail, small, rexWide, wide, smallAddress);
  out.immediate = size > 0 ? next - at : 0;
  out.immediateSize = size;
  out.branch = tail === 'jb' || tail === 'jz';
  out.size = next + size - at;
  return next + size <= end && out.size <= 15;
}

function isPlainPrefix(byte: number): boolean {
  return byte === 0xf0 || byte === 0xf2 || byte === 0xf3 || byte === 0x2e || byte === 0x36 || isSegment(byte);
}

function isSegment(byte: number): boolean {
  return byte === 0x3e || byte === 0x26 || byte === 0x64 || byte === 0x65;
}

/** ModRM, SIB and displacement; gives what follows them. */
function operand(bytes: Buffer, from: number, at: number, wide: boolean, narrow: boolean, out: X86Instruction): number {
  const modrm = bytes[from] ?? 0;
  const [mode, base] = [modrm >> 6, modrm & 7];
  let next = from + 1;
  if (mode === 3) return next;
  if (narrow) return next + (mode === 1 ? 1 : mode === 2 || base === 6 ? 2 : 0);
  let far = mode === 2;
  if (base === 4) {
    const sib = bytes[next++] ?? 0;
    if (mode === 0 && (sib & 7) === 5) far = true;
  } else if (mode === 0 && base === 5) {
    far = true;
    out.relative = wide;
  }
  if (mode === 1) return next + 1;
  if (!far) return next;
  out.displacement = next - at;
  return next + 4;
}

function tailSize(tail: Tail, small: boolean, rexWide: boolean, wide: boolean, smallAddress: boolean): number {
  switch (tail) {
    case '':
    case 'group-b':
    case 'group-z':
      return 0;
    case 'b':
    case 'jb':
      return 1;
    case 'w':
      return 2;
    case 'wb':
      return 3;
    case 'z':
      return small && !rexWide ? 2 : 4;
    case 'v':
      return rexWide ? 8 : small ? 2 : 4;
    case 'jz':
      // Processors differ in 64-bit mode; compilers write none with this prefix but the padded call of TLS.
      return small && !wide ? 2 : 4;
    case 'moffs':
      return wide ? (smallAddress ? 4 : 8) : smallAddress ? 2 : 4;
    case 'far':
      return small ? 4 : 6;
  }
}
