/** Mutated programs against each other: the comparison falls over nothing, and leaves nothing out. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { elf } from '../../src/explain/formats/elf.ts';
import type { Side } from '../../src/explain/types.ts';
import { elf as ledger } from '../../src/ledger/elf.ts';
import { SamesourceError } from '../../src/model/error.ts';
import { hasBytes, readElf } from '../../src/format/elf.ts';
import { bufferView } from '../../src/platform/view.ts';
import { built, explained, has, sources, workshop } from './support-elf.ts';

const scratch = mkdtempSync(join(tmpdir(), 'samesource-elf-fuzz-'));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

const gcc = has('gcc', '--version');
const rounds = 70;

function sample(name: string, flags: readonly string[]): Buffer {
  const own =
    '#define assert(x) (void)(x)\nstatic int strlen(const char *a) { int n = 0; while (a[n]) n += 2; return n; }\nint main(void) { return 0; }';
  const source = `${own}\n${sources['grove.c'].replaceAll(/#include.*\n/g, '')}`;
  return built(join(scratch, name), { 'grove.c': source }, [
    'gcc',
    '-g',
    '-fno-builtin',
    ...flags,
    join(scratch, name, 'grove.c'),
    '-o',
    'out',
  ]);
}

/** Numbers from 0 to 1, always the same ones. */
function numbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

/** All bits, none, the sign alone, an address that is not exact as a number, and what lies just outside. */
const hostile = [
  'ffffffffffffffff',
  '0000000000000000',
  '0000000000000080',
  'ffffffffffff7f00',
  'fffffffffffff000',
  'ffffffff00000000',
  '0100000000000000',
  'f8ffffffffffffff',
];

/** One number of a header, a table or a section is another one; some, and bytes anywhere. */
function mutant(bytes: Buffer, next: () => number): Buffer {
  const copy = Buffer.from(bytes);
  const { sections, sectionTable, segmentTable } = readElf(bufferView(bytes));
  const filled = sections.filter((one) => hasBytes(one));
  const spans = [
    { at: sectionTable.at, size: sectionTable.count * sectionTable.entry },
    { at: segmentTable.at, size: segmentTable.count * segmentTable.entry },
    { at: 0, size: 64 },
    ...filled.map(({ at, size }) => ({ at, size })),
  ].filter(({ size }) => size > 0);
  for (let left = 1 + Math.floor(next() * 3); left > 0; left--) {
    const { at, size } = spans[Math.floor(next() * (next() < 0.4 ? 2 : spans.length))] ?? { at: 0, size: 64 };
    const place = at + Math.floor(next() * size);
    if (next() < 0.3) copy[place] = (copy[place] ?? 0) ^ (1 << Math.floor(next() * 8));
    else {
      const value = Buffer.from(hostile[Math.floor(next() * hostile.length)] ?? '', 'hex');
      value.copy(copy, at + Math.floor((place - at) / 8) * 8, 0, next() < 0.5 ? 8 : 4);
    }
  }
  return copy;
}

/** Each section's flags, address, size and link are other ones. */
function wrongSections(bytes: Buffer): Buffer[] {
  const { sections, sectionTable } = readElf(bufferView(bytes));
  return sections.flatMap(({ index }) =>
    [8, 16, 32, 40].map((field) => {
      const copy = Buffer.from(bytes);
      copy.write(hostile[field === 40 ? 6 : 2] ?? '', sectionTable.at + index * sectionTable.entry + field, 'hex');
      return copy;
    }),
  );
}

async function sideOf(bytes: Buffer): Promise<Side> {
  const view = bufferView(bytes);
  return { view, reading: await ledger.read(view, workshop, 'plover') };
}

async function requireTold(released: Buffer, rebuilt: Buffer, what: string): Promise<void> {
  if (released.equals(rebuilt)) return;
  const begun = performance.now();
  try {
    // Itself, since `explain` goes back to regions where it falls over.
    const deltas = await elf(await sideOf(released), await sideOf(rebuilt));
    expect(deltas.length, what).toBeGreaterThan(0);
    const { files } = (await explained(released, rebuilt)).difference;
    expect(files.flatMap((file) => file.deltas).length, what).toBeGreaterThan(0);
  } catch (error) {
    if (!(error instanceof SamesourceError) || error.code === 'bug') throw error;
  }
  expect(performance.now() - begun, what).toBeLessThan(3000);
}

describe.skipIf(!gcc)('mutated programs (needs gcc)', () => {
  test.each([
    ['a program', ['-O2']],
    ['a shared library', ['-O2', '-fPIC', '-shared', '-nostdlib']],
    ['a program of fixed addresses', ['-O2', '-static', '-no-pie', '-nostdlib', '-Wl,-e,weigh']],
    ['an object file', ['-Os', '-c']],
  ] as const)(
    '%s',
    async (name, flags) => {
      const [a, b] = [sample(name, flags), sample(`${name} elsewhere`, flags)];
      const next = numbers(a.length);
      const mutants = [...wrongSections(a), ...Array.from({ length: rounds }, () => mutant(a, next))];
      const begun = performance.now();
      for (const [round, one] of mutants.entries()) {
        const other = round % 2 === 0 ? a : b;
        await requireTold(one, other, `round ${round}`);
        await requireTold(other, one, `round ${round}, the other way`);
      }
      expect(performance.now() - begun).toBeLessThan(50_000);
    },
    60_000,
  );
});
