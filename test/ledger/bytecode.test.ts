import { describe, expect, test } from 'vitest';
import { javaClass } from '../../src/ledger/java-class.ts';
import { pyc } from '../../src/ledger/pyc.ts';
import { wasm } from '../../src/ledger/wasm.ts';
import { bufferView } from '../../src/platform/view.ts';
import { javaSample, pycSample, wasmSample } from './bytecode-fixture.ts';
import { expectSound, fuzz, listed, refusalOf, unseenChanges } from './mutation.ts';
import { have, madeBy } from './tools.ts';

describe('the ledger of compiled Python', () => {
  test.each([
    [62_211, '2.7', 'source time', '2020-01-26T00:53:20Z'],
    [3180, '3.2', 'source time', '2020-01-26T00:53:20Z'],
    [3379, '3.6', 'source size', '77'],
    [3394, '3.7', 'source time', '2020-01-26T00:53:20Z'],
    [3571, '3.13', 'source size', '77'],
  ])('reads the head with number %d', async (magic, python, field, value) => {
    const read = await expectSound(pyc, pycSample({ magic }));
    expect(read.reading.facts['python']).toBe(python);
    expect(listed(read)).toContain(`${field} (metadata) ${value}`);
    expect(read.regions.at(-1)).toMatchObject({ class: 'content', field: 'code' });
  });

  test('reads a head with a hash', async () => {
    const lines = listed(await expectSound(pyc, pycSample({ hash: '0011223344556677', flags: 1 })));
    expect(lines).toContain('invalidation (structure) unchecked hash');
    expect(lines).toContain('source hash (metadata) 0011223344556677');
  });

  test('refuses flags that are not known, and numbers of no version', async () => {
    expect(await refusalOf(pyc, pycSample({ flags: 2 }))).toMatch(/^archive-unsafe: pyc: /);
    expect(await refusalOf(pyc, pycSample({ magic: 40_000 }))).toMatch(/^archive-unsafe: pyc: /);
    expect(pyc.recognises(bufferView(pycSample({ magic: 40_000 })), 'quince.pyc')).toBe(false);
  });

  test('shows every change, and survives broken files', { timeout: 120_000 }, async () => {
    expect(await unseenChanges(pyc, pycSample({}))).toEqual([]);
    expect(await fuzz(pyc, [pycSample({}), pycSample({ magic: 62_211 })], 300)).toBeGreaterThan(20);
  });

  test.skipIf(!have('python3'))('covers what Python compiles (needs python3)', async () => {
    const compile = 'import py_compile; py_compile.compile("q.py", "out", doraise=True)';
    const read = await expectSound(pyc, madeBy(`python3 -c '${compile}'`, { 'q.py': 'plover = 3\n' }));
    expect(listed(read)).toContain('source size (metadata) 11');
  });
});

describe('the ledger of compiled Java', () => {
  test('names constants, methods and attributes', async () => {
    const read = await expectSound(javaClass, javaSample());
    const lines = listed(read);
    expect(lines).toContain('major version (structure) 61');
    expect(lines).toContain('constant 1: utf8 (content) Plover');
    expect(lines).toContain('method quince()V: code (content)');
    expect(lines).toContain('method quince()V: LineNumberTable (debug)');
    expect(lines).toContain('class: SourceFile (debug)');
    expect(read.reading.facts['java version']).toBe('17');
  });

  test('names bytes behind the end', async () => {
    const read = await expectSound(javaClass, Buffer.concat([javaSample(), Buffer.from('payload')]));
    expect(read.regions.at(-1)).toMatchObject({ class: 'overlay', size: 7 });
  });

  test('leaves a fat Mach-O file alone', () => {
    const fat = Buffer.alloc(64);
    fat.write('cafebabe00000002', 'hex');
    expect(javaClass.recognises(bufferView(fat), 'quince')).toBe(false);
  });

  test('refuses a constant of no kind, and a name that is none', async () => {
    const bytes = javaSample();
    bytes[10] = 2;
    expect(await refusalOf(javaClass, bytes)).toMatch(/^archive-unsafe: java-class: /);
    expect(await refusalOf(javaClass, javaSample({ methodName: 2 }))).toMatch(/constant 2 is no name/);
  });

  test('shows every change, and survives broken files', { timeout: 120_000 }, async () => {
    expect(await unseenChanges(javaClass, javaSample())).toEqual([]);
    expect(await fuzz(javaClass, [javaSample()], 300)).toBeGreaterThan(20);
  });

  test.skipIf(!have('javac'))('covers what javac compiles (needs a JDK)', async () => {
    const source = `public class Plover { static long egg = 3L; interface A { int f(int x); }
      public static void main(String[] a) { try { A q = x -> x * 2; System.out.println("q" + egg + q.f(1)); }
      catch (RuntimeException e) { } } }`;
    const read = await expectSound(
      javaClass,
      madeBy('javac -g Plover.java && mv Plover.class out', { 'Plover.java': source }),
    );
    expect(listed(read)).toContain('method lambda$main$0(I)I: LineNumberTable (debug)');
    expect(read.regions.some(({ class: kind }) => kind === 'opaque' || kind === 'overlay')).toBe(false);
  });
});

describe('the ledger of WebAssembly', () => {
  test('names sections and producers', async () => {
    const read = await expectSound(wasm, wasmSample());
    const lines = listed(read);
    expect(lines).toContain('code: content (content)');
    expect(lines).toContain('custom name: content (debug)');
    expect(lines).toContain('custom producers: producers (metadata) processed-by clang 14.0.6');
    expect(lines).toContain('custom plover: content (content)');
    expect(read.reading.facts['producers']).toBe('processed-by clang 14.0.6');
  });

  test.each([
    ['a section twice', Buffer.concat([wasmSample(), Buffer.from('0a020100', 'hex')])],
    ['a section of no kind', Buffer.concat([wasmSample(), Buffer.from('4000', 'hex')])],
    ['a section that breaks off', wasmSample().subarray(0, -1)],
    ['a number of six bytes', Buffer.concat([wasmSample(), Buffer.from('00808080808000', 'hex')])],
  ])('refuses %s', async (_, bytes) => {
    expect(await refusalOf(wasm, bytes)).toMatch(/^archive-unsafe: wasm: /);
  });

  test('shows every change, and survives broken files', { timeout: 120_000 }, async () => {
    expect(await unseenChanges(wasm, wasmSample())).toEqual([]);
    expect(await fuzz(wasm, [wasmSample()], 300)).toBeGreaterThan(20);
  });

  test.skipIf(!have('clang', 'wasm-ld'))('covers what LLVM links (needs clang and lld)', async () => {
    const files = { 'q.c': 'int plover(int x) { return x * 3; }' };
    const script = 'clang --target=wasm32 -g -c q.c -o q.o && wasm-ld --no-entry --export-all q.o -o out';
    const read = await expectSound(wasm, madeBy(script, files));
    expect(read.reading.facts['producers']).toContain('clang');
    await expectSound(wasm, madeBy('clang --target=wasm32 -c q.c -o out', files));
  });
});
