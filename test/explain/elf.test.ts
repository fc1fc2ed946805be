import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { built, causesOf, explained, has, sources } from './support-elf.ts';

const scratch = mkdtempSync(join(tmpdir(), 'samesource-elf-'));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

const gcc = has('gcc', '--version') && has('strip', '--version');

/** `where`: the directory that it is built in, and what its path is as far as the file is concerned. */
function program(where: string, flags: readonly string[], files: Partial<typeof sources> = {}): Buffer {
  const directory = join(scratch, where);
  const all = { ...sources, ...files };
  const order = flags.includes('reversed') ? Object.keys(sources).toReversed() : Object.keys(sources);
  const own = flags.filter((flag) => flag !== 'reversed');
  return built(directory, all, ['gcc', ...own, ...order.map((name) => join(directory, name)), '-o', 'out']);
}

function stripped(bytes: Buffer): Buffer {
  const file = join(scratch, 'to-strip');
  writeFileSync(file, bytes);
  execFileSync('strip', [file]);
  return readFileSync(file);
}

/** `cmp edx, 42` compares with 43. */
function patched(bytes: Buffer): Buffer {
  const copy = Buffer.from(bytes);
  const at = copy.indexOf('83f82a', 0, 'hex');
  copy[at + 2] = 0x2b;
  expect(at).toBeGreaterThan(0);
  return copy;
}

const changedSource = { 'grove.c': sources['grove.c'].replace('== 42', '== 43') };

describe.skipIf(!gcc)('pairs of programs (needs gcc and strip)', () => {
  const plain = gcc ? program('quince', ['-O2', '-g']) : Buffer.alloc(0);

  test('a longer build path: all that was moved by it is told apart', async () => {
    const other = program('a/much/longer/grove/of/sorrel', ['-O2', '-g']);
    const { difference } = await explained(plain, other);
    expect(difference.causes).toMatchObject([{ kind: 'build-path', certainty: 'proved', severity: 'cosmetic' }]);
    expect(difference.unexplained).toBe(0);
    expect(difference.causes[0]?.summary).toContain(join(scratch, 'quince'));
    expect(difference.causes[0]?.fix).toBe(`-ffile-prefix-map=${join(scratch, 'quince')}=.`);
  });

  test.each([['-no-pie'], ['-fPIC', '-shared'], ['-gdwarf-5', '-O0'], ['-flto']])(
    'the same with %s',
    async (...flags) => {
      const [a, b] = [program('medlar', ['-O2', '-g', ...flags]), program('damsons/and/more', ['-O2', '-g', ...flags])];
      const causes = await causesOf(a, b);
      expect(causes.map(({ kind }) => kind)).toContain('build-path');
      expect(causes.filter(({ severity }) => severity === 'grave')).toEqual([]);
    },
  );

  test('a build path and one changed comparison: the change leads, the path leaves a residual', async () => {
    const [first, second] = await causesOf(plain, program('other/place', ['-O2', '-g'], changedSource));
    expect(first).toMatchObject({ kind: 'changed-code', severity: 'grave' });
    expect(first?.summary).toContain('admit()');
    expect(first?.evidence[0]?.released?.text).toContain('0x2a');
    expect(first?.evidence[0]?.rebuilt?.text).toContain('0x2b');
    expect(second).toMatchObject({ kind: 'build-path' });
    expect(second?.residual).toBeGreaterThan(0);
  });

  test('one byte patched after linking', async () => {
    const [first, ...others] = await causesOf(patched(plain), plain);
    expect(first).toMatchObject({ kind: 'modified-after-build', certainty: 'proved', severity: 'grave' });
    expect(first?.summary).toContain('admit()');
    expect(others).toEqual([]);
  });

  test('stripped', async () => {
    expect(await causesOf(stripped(plain), plain)).toMatchObject([{ kind: 'stripped', severity: 'cosmetic' }]);
    expect(await causesOf(plain, stripped(plain))).toMatchObject([{ kind: 'stripped', severity: 'notable' }]);
  });

  test('stripped, and one byte patched', async () => {
    const causes = await causesOf(stripped(patched(plain)), plain);
    expect(causes.map(({ kind }) => kind)).toEqual(['modified-after-build', 'stripped']);
    expect(causes[0]?.summary).toContain('admit()');
    expect(causes[1]?.residual).toBeGreaterThan(0);
  });

  test('the build-id alone', async () => {
    const id = (digit: string): string => `-Wl,--build-id=0x${digit.repeat(40)}`;
    const causes = await causesOf(program('quince', ['-O2', id('1')]), program('quince', ['-O2', id('7')]));
    expect(causes).toMatchObject([{ kind: 'build-id', certainty: 'suspected', severity: 'notable' }]);
  });

  test('the date, and a path too', async () => {
    const dated = (where: string, time: string): Buffer =>
      program(where, ['-O2', '-g', `-DNOTE="picked Nov 23 2026 ${time}"`]);
    expect(await causesOf(dated('quince', '10:11:12'), dated('quince', '10:11:57'))).toMatchObject([
      { kind: 'build-date', severity: 'cosmetic', fix: 'SOURCE_DATE_EPOCH' },
    ]);
    const both = await causesOf(dated('quince', '10:11:12'), dated('some/where/else', '20:21:22'));
    expect(both.map(({ kind }) => kind).toSorted()).toEqual(['build-date', 'build-path']);
  });

  test('a revision', async () => {
    const noted = (revision: string): Buffer => program('quince', ['-O2', `-DNOTE="at ${revision}"`]);
    const [a, b] = ['8c1f0a2b9d3e4f5061728394a5b6c7d8e9f00112', '00ee0a2b9d3e4f5061728394a5b6c7d8e9f0f1f2'];
    expect(await causesOf(noted(a), noted(b))).toMatchObject([{ kind: 'vcs-revision', severity: 'notable' }]);
  });

  test('recorded flags and processors, alone and together', async () => {
    const flags = await causesOf(plain, program('quince', ['-O3', '-g']));
    expect(flags[0]).toMatchObject({ kind: 'compiler-flags', certainty: 'suspected', severity: 'notable' });
    expect(flags[0]?.summary).toContain('-O3 -> -O2');
    const cpu = await causesOf(plain, program('quince', ['-O2', '-g', '-march=haswell']));
    expect(cpu[0]).toMatchObject({ kind: 'target-cpu' });
    const both = await causesOf(plain, program('quince', ['-O3', '-g', '-march=haswell']));
    expect(both.map(({ kind }) => kind)).toEqual(expect.arrayContaining(['compiler-flags', 'target-cpu']));
  });

  test('another compiler is not another build path', async () => {
    const directory = join(scratch, 'versions');
    const [a, b] = ['GCC: (Orchard) 12.2.0', 'GCC: (Orchard) 11.3.0'].map((ident) => {
      const code = (level: string): string =>
        `int pick(int n) { return n * ${level}; }\nint main(void) { return pick(3); }\n`;
      const version = ident.includes('12.') ? '12' : '11';
      const body = `.section .rodata\n.string "/usr/lib/gcc/x86_64-linux-gnu/${version}/include"\n.ident "${ident}"\n`;
      const files = { 'main.c': code(version), 'ident.s': `${body}.section .note.GNU-stack,"",@progbits\n` };
      return built(directory, files, [
        'gcc',
        '-fno-ident',
        '-nostdlib',
        '-Wl,-e,main',
        'main.c',
        'ident.s',
        '-o',
        'out',
      ]);
    });
    const causes = await causesOf(a ?? Buffer.alloc(0), b ?? Buffer.alloc(0));
    expect(causes.map(({ kind }) => kind)).toContain('compiler-version');
    expect(causes.map(({ kind }) => kind)).not.toContain('build-path');
  });

  test('flags that are not recorded are not guessed', async () => {
    const many = Array.from(
      { length: 12 },
      (_, n) =>
        `int pick${n}(int *a, int b) { int s = 0; for (int i = 0; i < b; i++) s += a[i] * ${n + 3}; return s; }`,
    );
    const files = { 'grove.c': `${sources['grove.c']}${many.join('\n')}\n` };
    const causes = await causesOf(program('quince', ['-O1'], files), program('quince', ['-O3'], files));
    expect(causes[0]).toMatchObject({ kind: 'changed-code', severity: 'grave' });
    expect(causes[0]?.summary).toContain('the flags are not recorded');
    expect(causes.map(({ kind }) => kind)).not.toContain('compiler-flags');
  });

  test('another order of linking', async () => {
    const causes = await causesOf(
      program('quince', ['-O2', '-fno-reorder-functions']),
      program('quince', ['-O2', '-fno-reorder-functions', 'reversed']),
    );
    expect(causes.map(({ kind }) => kind)).toContain('link-order');
  });

  describe('another order of linking, with constants that code reads', () => {
    const wade = `double soar(const double *a, int n) { double sum = 0; for (int i = 0; i < n; i++) sum += a[i] * a[i] + 0.625 * i; return sum; }
double wade(int n) { double a[64]; for (int i = 0; i < 64; i++) a[i] = (i * 7 + n) % 13; return soar(a, 64); }
`;
    const link = (flags: readonly string[], files = {}): Buffer => {
      const all = { ...sources, 'wade.c': wade, ...files };
      const names = ['grove.c', 'main.c', 'wade.c'];
      const order = flags.includes('turned') ? ['wade.c', 'main.c', 'grove.c'] : names;
      const own = flags.filter((flag) => flag !== 'turned');
      const directory = join(scratch, 'linked');
      return built(directory, all, ['gcc', ...own, ...order.map((name) => join(directory, name)), '-o', 'out']);
    };
    const flags = ['-O2', '-g', '-fno-reorder-functions'];
    const turned = [...flags, 'turned'];

    test('they are the same ones', async () => {
      const causes = await causesOf(link(flags), link(turned));
      expect(new Set(causes.map(({ kind }) => kind))).toEqual(new Set(['link-order']));
      expect(causes.map(({ certainty }) => certainty)).toContain('proved');
      expect((await explained(link(turned), link(flags))).difference.unexplained).toBe(0);
    });

    test.each([
      ['constant', '0.625', '0.75'],
      ['instruction', '+ n) % 13', '- n) % 13'],
    ])('but not with another %s', async (_, from, to) => {
      const changed = { 'wade.c': wade.replace(from, to) };
      for (const [a, b] of [
        [link(flags, changed), link(turned)],
        [link(flags), link(turned, changed)],
      ] as const) {
        const { causes, unexplained } = (await explained(a, b)).difference;
        expect(causes[0]).toMatchObject({ kind: 'changed-code', severity: 'grave' });
        expect(causes[0]?.summary).toMatch(/soar\(\)|wade\(\)/);
        expect(unexplained).toBeGreaterThan(0);
      }
    });

    test('no flipped byte of the constants and strings passes', async () => {
      const [a, b] = [link(flags), link(turned)];
      const constants = (await explained(a, b)).account.node.released.reading.regions.find(
        ({ name }) => name === '.rodata',
      );
      const { at = 0, size = 0 } = constants ?? {};
      expect(size).toBeGreaterThan(0);
      const [path, missed]: [number, number[]] = [a.indexOf(join(scratch, 'linked'), at), []];
      for (let place = at; place < at + size; place += 3) {
        if (place >= path && place < path + scratch.length + 20) continue;
        const flipped = Buffer.from(a);
        flipped[place] = (flipped[place] ?? 0) ^ (1 << (place % 8));
        const { difference } = await explained(flipped, b);
        const proved = difference.causes.some(({ kind, certainty }) => kind === 'link-order' && certainty === 'proved');
        if (proved || difference.unexplained === 0) missed.push(place - at);
      }
      expect(missed).toEqual([]);
    }, 60_000);
  });

  test('object files', async () => {
    const object = (where: string, text: string): Buffer =>
      built(join(scratch, where), { 'grove.c': text }, [
        'gcc',
        '-c',
        '-g',
        '-O2',
        join(scratch, where, 'grove.c'),
        '-o',
        'out',
      ]);
    const causes = await causesOf(object('quince', sources['grove.c']), object('quince', changedSource['grove.c']));
    expect(causes[0]).toMatchObject({ kind: 'changed-code', severity: 'grave' });
  });

  test('C++ with templates, at another place', async () => {
    const text = `#include <map>
#include <string>
#include <stdexcept>
template <typename T> T heaviest(const std::map<std::string, T> &all) { T best{}; for (auto &one : all) if (one.second > best) best = one.second;
  if (best == T{}) throw std::runtime_error(__FILE__); return best; }
int main(int count, char **words) { std::map<std::string, int> all; for (int i = 0; i < count; i++) all[words[i]] = i; return heaviest(all); }
`;
    const make = (where: string): Buffer =>
      built(join(scratch, where), { 'main.cc': text }, [
        'g++',
        '-g',
        '-O2',
        join(scratch, where, 'main.cc'),
        '-o',
        'out',
      ]);
    const causes = await causesOf(make('cc/quince'), make('cc/plover/longer/than/that'));
    expect(causes[0]).toMatchObject({ kind: 'build-path' });
    expect(causes.filter(({ severity }) => severity === 'grave')).toEqual([]);
  });
});

const rustc = has('rustc', '--version');

describe.skipIf(!rustc)('programs of Rust (needs rustc)', () => {
  const text = `fn main() { let all: Vec<String> = std::env::args().collect(); assert!(all.len() < 40, "too many quinces"); println!("{}", all[1]); }\n`;
  const rust = (where: string): Buffer => {
    const source = join(scratch, where, 'medlar.rs');
    // Where the linker puts a string follows from what it is: the same in each run.
    const map = `--remap-path-prefix=${scratch}=/quince`;
    return built(join(scratch, where), { 'medlar.rs': text }, ['rustc', '-O', map, source, '-o', 'out']);
  };
  const [a, b] = rustc ? [rust('sorrel'), rust('a/longer/place/for/sorrel')] : [Buffer.alloc(0), Buffer.alloc(0)];

  test('another build path, wherever the linker put it', async () => {
    const { causes, unexplained } = (await explained(a, b)).difference;
    expect(causes[0]).toMatchObject({ kind: 'build-path' });
    expect(causes.filter(({ severity }) => severity === 'grave')).toEqual([]);
    expect(unexplained).toBe(0);
  });

  test('and other text', async () => {
    const changed = Buffer.from(a);
    const at = changed.indexOf('too many quinces');
    expect(at).toBeGreaterThan(0);
    changed.write('too many plovers', at);
    expect((await explained(changed, b)).difference.unexplained).toBeGreaterThan(0);
  });

  test('and another name of the file: not proved to be the place alone', async () => {
    const changed = Buffer.from(a);
    const at = changed.indexOf('medlar.rs');
    expect(at).toBeGreaterThan(0);
    changed.write('medlaR.rs', at);
    const path = (await causesOf(changed, b)).find(({ kind }) => kind === 'build-path');
    expect(path?.certainty ?? 'suspected').toBe('suspected');
  });

  test('and another length of the path', async () => {
    const path = '/quince/sorrel/medlar.rs';
    const length = Buffer.alloc(16);
    length.writeUInt32LE(path.length, 8);
    const at = a.indexOf(length);
    expect(at).toBeGreaterThan(0);
    const changed = Buffer.from(a);
    changed.writeUInt32LE(path.length - 3, at + 8);
    expect((await explained(changed, b)).difference.unexplained).toBeGreaterThan(0);
  });
});

describe.skipIf(!gcc)('deltas leave nothing out (needs gcc)', () => {
  test.each([
    ['path', ['-O2', '-g'], 'one/way', ['-O2', '-g']],
    ['flags', ['-O2', '-g'], 'quince', ['-O3', '-g', '-march=haswell']],
    ['source', ['-O1'], 'quince', ['-O2', '-DNOTE="another note, and a longer one"']],
  ] as const)('%s', async (_, flags, where, others) => {
    const [a, b] = [program('quince', flags), program(where, others)];
    const { account } = await explained(a, b);
    const { released, rebuilt, deltas } = account.node;
    for (const region of released.reading.regions) {
      const other = rebuilt.reading.regions.find(({ name }) => name === region.name);
      const left = keptOf(
        a,
        region,
        deltas.flatMap((delta) => delta.released ?? []),
      );
      const right =
        other === undefined
          ? ''
          : keptOf(
              b,
              other,
              deltas.flatMap((delta) => delta.rebuilt ?? []),
            );
      expect(left, region.name).toBe(right);
    }
  });
});

describe.skipIf(!gcc)('a benign cause hides nothing (needs gcc)', () => {
  test('no flipped byte of what is loaded passes under a build path', async () => {
    const flags = ['-O2', '-Wl,--build-id=none'];
    const [a, b] = [program('quince', flags), program('another/place/of/sorrels', flags)];
    expect(await causesOf(a, b)).toMatchObject([{ kind: 'build-path', severity: 'cosmetic' }]);
    const { account } = await explained(a, b);
    const loaded = account.node.released.reading.regions.filter(({ class: kind }) => kind === 'content');
    const paths = account.node.deltas.flatMap((delta) => (delta.field === 'string' ? (delta.released ?? []) : []));
    const missed: string[] = [];
    for (const { at, size, name } of loaded) {
      for (let place = at; place < at + size; place += 1 + Math.floor(size / 12)) {
        if (paths.some((span) => place >= span.at - 1 && place <= span.at + span.size)) continue;
        const flipped = Buffer.from(a);
        flipped[place] = (flipped[place] ?? 0) ^ (1 << (place % 8));
        const { difference } = await explained(flipped, b);
        if (difference.causes.every(({ severity }) => severity === 'cosmetic')) missed.push(`${name} at ${place - at}`);
      }
    }
    expect(missed).toEqual([]);
  }, 60_000);
});

/** The bytes of a region that no delta takes. */
function keptOf(
  bytes: Buffer,
  { at, size }: { readonly at: number; readonly size: number },
  spans: readonly { readonly at: number; readonly size: number }[],
): string {
  const taken = spans.filter((span) => span.at < at + size && span.at + span.size > at).toSorted((a, b) => a.at - b.at);
  let [from, kept] = [at, ''];
  for (const span of taken) {
    if (span.at > from) kept += bytes.toString('hex', from, span.at);
    from = Math.max(from, span.at + span.size);
  }
  return kept + bytes.toString('hex', from, Math.max(from, at + size));
}
