/**
 * The table as a classic BPF program, seccomp(2): what `bwrap --seccomp` reads.
 *
 * Each rule is a block of its own that ends in a return, so that every jump stays inside its block
 * and is short, however long the program becomes.
 */
import type { Platform } from '../../model/claim.ts';
import { errnos, rulesOf, type Refusal, type Test } from './table.ts';

interface Instruction {
  readonly code: number;
  readonly jt: number;
  readonly jf: number;
  readonly k: number;
}

/** AUDIT_ARCH_X86_64 and AUDIT_ARCH_AARCH64, linux/audit.h. */
export const auditArch: Readonly<Record<Platform, number>> = {
  'linux/amd64': 0xc000_003e,
  'linux/arm64': 0xc000_00b7,
};

/** System calls of the x32 ABI carry this bit and would pass under other numbers. */
const x32Bit = 0x4000_0000;

const offsets = { nr: 0, arch: 4, args: 16 } as const;
const allow = ret(0x7fff_0000);
const killProcess = ret(0x8000_0000);

/** struct sock_filter[], little-endian as both platforms are. */
export function seccompProgram(platform: Platform): Buffer {
  const program = [
    load(offsets.arch),
    jumpIfEqual(auditArch[platform], 1, 0),
    killProcess,
    load(offsets.nr),
    ...(platform === 'linux/amd64' ? [jumpIfAtLeast(x32Bit, 0, 1), killProcess] : []),
    ...rulesOf(platform).flatMap((rule) => block(rule.number, check(rule.when, refuse(rule.refused)))),
    allow,
  ];
  return Buffer.concat(program.map(encode));
}

/** Runs `body`, which ends in a return, for one system call and skips it for every other. */
function block(number: number, body: readonly Instruction[]): Instruction[] {
  if (body.length > 255) throw new RangeError(`a rule of ${body.length} instructions cannot be jumped over`);
  return [jumpIfEqual(number, 0, body.length), ...body];
}

function check(test: Test, refusal: Instruction): Instruction[] {
  switch (test.kind) {
    case 'always':
      return [refusal];
    case 'any-bit':
      return [
        loadArgument(test.arg),
        jumpIfAnyBit(test.bits.reduce((mask, bit) => mask | bit, 0) >>> 0),
        refusal,
        allow,
      ];
    case 'one-of':
      return [loadArgument(test.arg), ...test.values.flatMap((value) => [jumpIfEqual(value, 0, 1), refusal]), allow];
    case 'none-of':
      return [loadArgument(test.arg), ...test.values.flatMap((value) => [jumpIfEqual(value, 0, 1), allow]), refusal];
  }
}

function load(offset: number): Instruction {
  return { code: 0x20, jt: 0, jf: 0, k: offset };
}

/** The low word: the kernel reads the arguments that we test as 32 bits. */
function loadArgument(index: number): Instruction {
  return load(offsets.args + 8 * index);
}

function jumpIfEqual(k: number, jt: number, jf: number): Instruction {
  return { code: 0x15, jt, jf, k };
}

function jumpIfAtLeast(k: number, jt: number, jf: number): Instruction {
  return { code: 0x35, jt, jf, k };
}

function jumpIfAnyBit(k: number): Instruction {
  return { code: 0x45, jt: 0, jf: 1, k };
}

function ret(k: number): Instruction {
  return { code: 0x06, jt: 0, jf: 0, k };
}

function refuse(refusal: Refusal): Instruction {
  return ret(0x0005_0000 | errnos[refusal]);
}

function encode(instruction: Instruction): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeUInt16LE(instruction.code, 0);
  bytes.writeUInt8(instruction.jt, 2);
  bytes.writeUInt8(instruction.jf, 3);
  bytes.writeUInt32LE(instruction.k >>> 0, 4);
  return bytes;
}
