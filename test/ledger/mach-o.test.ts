import { describe, expect, test } from 'vitest';
import { machO } from '../../src/ledger/mach-o.ts';
import { machOFat } from '../../src/ledger/mach-o-fat.ts';
import { bufferView } from '../../src/platform/view.ts';
import { codeAt, fatSample, machOSample, superBlob } from './mach-o-fixture.ts';
import { expectSound, fuzz, listed, refusalOf, unseenChanges } from './mutation.ts';
import { have, madeBy } from './tools.ts';

const signature = superBlob('hashes of plover');

describe('the ledger of a Mach-O file', () => {
  test.each([
    ['64-bit', {}],
    ['32-bit', { wide: false, cpu: 7 }],
    ['big-endian 32-bit', { wide: false, big: true, cpu: 0x12 }],
    ['big-endian 64-bit', { big: true, cpu: 0x01000012 }],
  ])('covers a %s file', async (_, sample) => {
    const read = await expectSound(machO, machOSample({ ...sample, signature }));
    const lines = listed(read);
    expect(lines).toContain('uuid: uuid (metadata) 00112233-4455-6677-8899-AABBCCDDEEFF');
    expect(lines).toContain('build version: sdk (metadata) 12.1.0');
    expect(lines).toContain('build version: tools (metadata) ld 14.0.1');
    expect(lines).toContain('__TEXT,__text: content (content)');
    expect(lines).toContain('code directory (signature)');
    expect(lines).toContain('signature padding (padding)');
    expect(read.reading.facts).toMatchObject({ uuid: '00112233-4455-6677-8899-AABBCCDDEEFF', signed: 'yes' });
  });

  test('names what hides behind a signature, between sections and behind the end', async () => {
    const behind = await expectSound(machO, machOSample({ signature: superBlob('hashes', Buffer.from('payload!')) }));
    expect(behind.regions.at(-1)).toMatchObject({ class: 'opaque', field: 'signature padding' });
    const between = machOSample();
    between.write('payload', codeAt + 80, 'latin1');
    expect((await expectSound(machO, between)).regions.filter(({ class: kind }) => kind === 'opaque')).toHaveLength(1);
    const after = await expectSound(machO, Buffer.concat([machOSample(), Buffer.from('payload')]));
    expect(after.regions.at(-1)).toMatchObject({ class: 'overlay', size: 7 });
  });

  test.each([
    ['commands of another length in sum', 20, 8],
    ['more commands than there are', 16, 9],
    ['a segment past the end', 32 + 48, 0x10000],
  ])('refuses %s', async (_, at, value) => {
    const bytes = machOSample();
    bytes.writeUInt32LE(value, at);
    expect(await refusalOf(machO, bytes)).toMatch(/^archive-unsafe: mach-o: /);
  });

  test('shows every change', { timeout: 120_000 }, async () => {
    expect(await unseenChanges(machO, machOSample({ signature }))).toEqual([]);
  });

  test('survives broken files', { timeout: 120_000 }, async () => {
    const samples = [machOSample(), machOSample({ signature }), machOSample({ wide: false, big: true, signature })];
    expect(await fuzz(machO, samples, 300)).toBeGreaterThan(20);
  });

  test.skipIf(!have('clang', 'ld64.lld-14', 'llvm-lipo-14'))(
    'covers what LLVM links (needs clang, lld and llvm 14)',
    async () => {
      const stub = `--- !tapi-tbd
tbd-version: 4
targets: [ x86_64-macos, arm64-macos ]
install-name: '/usr/lib/libSystem.B.dylib'
exports:
  - targets: [ x86_64-macos, arm64-macos ]
    symbols: [ dyld_stub_binder ]
...
`;
      const files = {
        'q.c': 'int plover(int x) { return x * 3; } int main(void) { return plover(3); }',
        's.tbd': stub,
      };
      const link = (arch: string): string =>
        `clang -target ${arch}-apple-macos11 -g -c q.c -o ${arch}.o
        ld64.lld-14 -arch ${arch} -platform_version macos 11.0 12.0 -adhoc_codesign -o ${arch} ${arch}.o s.tbd`;
      const object = madeBy('clang -target x86_64-apple-macos11 -g -c q.c -o out', files);
      expect((await expectSound(machO, object)).regions.filter(({ class: kind }) => kind === 'opaque')).toEqual([]);
      const thin = madeBy(`${link('arm64')}; mv arm64 out`, files);
      const read = await expectSound(machO, thin);
      expect(read.regions.filter(({ class: kind }) => kind === 'opaque' || kind === 'overlay')).toEqual([]);
      expect(read.regions.some(({ field }) => field === 'code directory')).toBe(true);
      const fat = await expectSound(
        machOFat,
        madeBy(`${link('arm64')}\n${link('x86_64')}\nllvm-lipo-14 -create arm64 x86_64 -output out`, files),
      );
      expect(fat.reading.members.map(({ key }) => key).toSorted()).toEqual(['arm64', 'x86_64']);
    },
  );
});

describe('the ledger of a fat Mach-O file', () => {
  const intel = { cpu: 0x01000007, bytes: machOSample() };
  const arm = { cpu: 0x0100000c, bytes: machOSample({ cpu: 0x0100000c }) };

  test('finds its slices', async () => {
    const read = await expectSound(machOFat, fatSample([intel, arm]));
    expect(read.reading.members.map(({ key }) => key)).toEqual(['x86_64', 'arm64']);
    expect(read.contents.get('arm64')).toEqual(arm.bytes);
  });

  test('leaves a Java class alone', () => {
    expect(machOFat.recognises(bufferView(Buffer.from('cafebabe0000003d', 'hex')), 'Quince.class')).toBe(false);
  });

  test.each([
    ['bytes between slices', fatSample([intel, arm], 1)],
    ['two slices for one processor', fatSample([intel, intel])],
    ['bytes behind the last slice', Buffer.concat([fatSample([intel]), Buffer.from('x')])],
    ['no slices', fatSample([])],
  ])('refuses %s', async (_, bytes) => {
    expect(await refusalOf(machOFat, bytes)).toMatch(/^archive-unsafe: mach-o-fat: /);
  });

  test('shows every change, and survives broken files', { timeout: 120_000 }, async () => {
    expect(await unseenChanges(machOFat, fatSample([intel, arm]))).toEqual([]);
    expect(await fuzz(machOFat, [fatSample([intel, arm])], 300)).toBeGreaterThan(20);
  });
});
