import { describe, expect, test } from 'vitest';
import { auditArch, seccompProgram } from '../../src/engine/seccomp/bpf.ts';
import { seccompProfile, type SeccompProfile } from '../../src/engine/seccomp/profile.ts';
import { rulesOf } from '../../src/engine/seccomp/table.ts';
import type { Platform } from '../../src/model/claim.ts';

const platforms = Object.keys(auditArch) as Platform[];
const allow = 0x7fff_0000;
const kill = 0x8000_0000;
const errno = (number: number): number => 0x0005_0000 | number;
const EPERM = errno(1);
const ENOSYS = errno(38);
const EAFNOSUPPORT = errno(97);

/** struct seccomp_data, and what the kernel's interpreter does with it. */
function interpret(program: Buffer, nr: number, arch: number, args: readonly number[] = []): number {
  const data = Buffer.alloc(64);
  data.writeUInt32LE(nr, 0);
  data.writeUInt32LE(arch, 4);
  args.forEach((value, index) => data.writeBigUInt64LE(BigInt(value), 16 + 8 * index));
  let accumulator = 0;
  for (let pc = 0; ; pc++) {
    if (pc >= program.length / 8) throw new Error('ran off the end');
    const code = program.readUInt16LE(pc * 8);
    const [jt, jf] = [program.readUInt8(pc * 8 + 2), program.readUInt8(pc * 8 + 3)];
    const k = program.readUInt32LE(pc * 8 + 4);
    const jump = (condition: boolean): number => (condition ? jt : jf);
    if (code === 0x20) accumulator = data.readUInt32LE(k);
    else if (code === 0x15) pc += jump(accumulator === k);
    else if (code === 0x35) pc += jump(accumulator >= k);
    else if (code === 0x45) pc += jump((accumulator & k) >>> 0 !== 0);
    else if (code === 0x06) return k;
    else throw new Error(`instruction ${code}`);
  }
}

/** What libseccomp makes of a profile: any entry that matches refuses. */
function judge(profile: SeccompProfile, name: string, args: readonly number[] = []): number {
  const entry = profile.syscalls.find(
    (candidate) =>
      candidate.names.includes(name) &&
      candidate.args.every(({ index, op, value, valueTwo }) => {
        const actual = BigInt(args[index] ?? 0);
        if (op === 'SCMP_CMP_EQ') return actual === BigInt(value);
        if (op === 'SCMP_CMP_GT') return actual > BigInt(value);
        return (actual & BigInt(value)) === BigInt(valueTwo);
      }),
  );
  return entry === undefined ? allow : errno(entry.errnoRet);
}

const calls: readonly (readonly [string, readonly number[], number])[] = [
  ['keyctl', [], EPERM],
  ['bpf', [], EPERM],
  ['io_uring_setup', [], EPERM],
  ['userfaultfd', [], EPERM],
  ['perf_event_open', [], EPERM],
  ['mount', [], EPERM],
  ['fsopen', [], EPERM],
  ['settimeofday', [], EPERM],
  ['clone3', [], ENOSYS],
  ['clone', [0x11], allow],
  ['clone', [0x3d0f00], allow],
  ['clone', [0x1000_0011], EPERM],
  ['clone', [0x0002_0011], EPERM],
  ['unshare', [0x400], allow],
  ['unshare', [0x80], EPERM],
  ['unshare', [0x4000_0000], EPERM],
  ['ioctl', [0, 0x5401], allow],
  ['ioctl', [0, 0x5412], EPERM],
  ['ioctl', [0, 0x7_0000_5412], EPERM],
  ['ioctl', [0, 0x541c], EPERM],
  ['socketpair', [1], allow],
  ['socketpair', [30], EAFNOSUPPORT],
];

describe.each(platforms)('the filter for %s', (platform) => {
  const program = seccompProgram(platform);
  const profile = seccompProfile(platform);
  const arch = auditArch[platform];
  const numberOf = (name: string): number => rulesOf(platform).find((rule) => rule.name === name)?.number ?? -1;

  test.each(calls)('%s(%j) in both forms', (name, args, expected) => {
    expect(interpret(program, numberOf(name), arch, args)).toBe(expected);
    expect(judge(profile, name, args)).toBe(expected);
  });

  test('the two forms agree on every socket family', () => {
    for (let family = 0; family <= 60; family++) {
      const expected = [1, 2, 10, 16].includes(family) ? allow : EAFNOSUPPORT;
      expect(interpret(program, numberOf('socket'), arch, [family])).toBe(expected);
      expect(judge(profile, 'socket', [family])).toBe(expected);
    }
  });

  test('every rule refuses in both forms, and nothing else is refused', () => {
    const refusedAlways = rulesOf(platform).filter((rule) => rule.when.kind === 'always');
    for (const rule of refusedAlways) {
      expect(interpret(program, rule.number, arch)).not.toBe(allow);
      expect(judge(profile, rule.name)).not.toBe(allow);
    }
    const named = new Set(rulesOf(platform).map((rule) => rule.number));
    const others = Array.from({ length: 600 }, (_, nr) => nr).filter((nr) => !named.has(nr));
    for (const nr of others) expect(interpret(program, nr, arch)).toBe(allow);
  });

  test('another architecture is killed, and x32 is', () => {
    for (const other of [0x4000_0003, 0x4000_0028, ...Object.values(auditArch).filter((value) => value !== arch)]) {
      expect(interpret(program, 0, other)).toBe(kill);
    }
    const x32 = interpret(program, 0x4000_0000, arch);
    expect(x32).toBe(platform === 'linux/amd64' ? kill : allow);
    expect(profile.architectures).toHaveLength(1);
  });

  test('no number is given twice', () => {
    const numbers = rulesOf(platform).map((rule) => rule.number);
    expect(new Set(numbers).size).toBe(numbers.length);
    expect(numbers.length).toBeGreaterThan(50);
  });
});
