import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { demangled } from '../../src/format/demangle.ts';
import { disassembled } from '../../src/format/disassembly.ts';
import { decodeX86, emptyInstruction } from '../../src/format/disassembly-x86.ts';
import { machines, readElf } from '../../src/format/elf.ts';
import { bufferView } from '../../src/platform/view.ts';
import { has } from '../explain/support-elf.ts';

function decoded(hex: string, wide = true): ReturnType<typeof emptyInstruction> {
  const one = emptyInstruction();
  const bytes = Buffer.from(hex, 'hex');
  expect(decodeX86(bytes, 0, bytes.length, wide, one)).toBe(true);
  return one;
}

describe('lengths of x86 instructions', () => {
  test.each([
    ['c3', { size: 1 }],
    ['488d1564560e00', { size: 7, displacement: 3, relative: true }],
    ['e805000000', { size: 5, immediate: 1, branch: true }],
    ['0f84aabbccdd', { size: 6, immediate: 2, branch: true }],
    ['c705112233440a000000', { size: 10, displacement: 2, immediate: 6, immediateSize: 4 }],
    ['48b81122334455667788', { size: 10, immediate: 2, immediateSize: 8 }],
    ['f605aabbccdd01', { size: 7, displacement: 2, immediate: 6, immediateSize: 1 }],
    ['c5f877', { size: 3 }],
    ['62f17c48100511223344', { size: 10, displacement: 6, relative: true }],
    ['660f1f840000000000', { size: 9, displacement: 5, relative: false }],
  ])('%s', (hex, expected) => {
    expect(decoded(hex)).toMatchObject(expected);
  });

  test('what breaks off is none', () => {
    expect(decodeX86(Buffer.from('488d15', 'hex'), 0, 3, true, emptyInstruction())).toBe(false);
  });

  const library = ['/usr/lib/x86_64-linux-gnu/libc.so.6', '/lib64/libc.so.6'].find(existsSync);
  test.skipIf(library === undefined || !has('objdump', '--version'))(
    'as objdump has it (needs objdump and a libc)',
    () => {
      const bytes = readFileSync(library ?? '');
      const section = readElf(bufferView(bytes)).sections.find(({ name }) => name === '.text');
      const until = `--stop-address=${(section?.address ?? 0) + 400_000}`;
      const args = ['-d', '-j', '.text', '--no-show-raw-insn', '-w', until, library ?? ''];
      const listing = execFileSync('objdump', args, { encoding: 'latin1', maxBuffer: 2 ** 28 });
      const listed = [...listing.matchAll(/^\s*([0-9a-f]+):\t(.*)$/gm)];
      const one = emptyInstruction();
      const wrong = listed.filter(([, address = '', text = ''], index) => {
        const [start, next] = [Number.parseInt(address, 16), Number.parseInt(listed[index + 1]?.[1] ?? '', 16)];
        // Bytes that are none, a prefix by itself, and the last one, which is cut.
        if (/bad|^\S+\s*$/.test(text) || index > listed.length - 3 || next - start > 15) return false;
        const at = start - (section?.address ?? 0) + (section?.at ?? 0);
        return !decodeX86(bytes, at, bytes.length, true, one) || one.size !== next - start;
      });
      expect(listed.length).toBeGreaterThan(10_000);
      expect(wrong).toEqual([]);
    },
  );
});

test('shows instructions, and nothing for machines that are not known', async () => {
  expect(await disassembled(Buffer.from('83fa2a', 'hex'), machines.x64, 0)).toEqual(['cmp edx, 0x2a']);
  expect(await disassembled(Buffer.from('c0035fd6', 'hex'), machines.arm64, 0)).toEqual(['ret']);
  expect(await disassembled(Buffer.from('83fa2a', 'hex'), 8, 0)).toBeUndefined();
});

test('names as the source has them', () => {
  expect(demangled('_ZN6plover6quince4pickEi')).toBe('plover::quince::pick');
  expect(demangled('_ZN6plover4main17h0123456789abcdefE')).toBe('plover::main');
  expect(demangled('_Z5weighPKc')).toBe('weigh');
  expect(demangled('quince')).toBe('quince');
});
