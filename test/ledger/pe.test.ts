import { describe, expect, test } from 'vitest';
import { pe } from '../../src/ledger/pe.ts';
import { bufferView } from '../../src/platform/view.ts';
import { expectSound, fuzz, listed, refusalOf, unseenChanges } from './mutation.ts';
import { places, peSample } from './pe-fixture.ts';
import { have, madeBy } from './tools.ts';

const message = Buffer.from('3012020101040d61207369676e6174757265212121', 'hex').subarray(0, 20);
const program =
  '#include <stdio.h>\n__declspec(dllexport) int plover(int x) { return x * 3; }\nint main(void) { return plover(3); }\n';

describe('the ledger of a PE file', () => {
  test('recognises it by its content', () => {
    expect(pe.recognises(bufferView(peSample()), 'quince')).toBe(true);
    expect(pe.recognises(bufferView(Buffer.alloc(4096)), 'quince.exe')).toBe(false);
    expect(pe.recognises(bufferView(Buffer.from('MZ')), 'quince.exe')).toBe(false);
  });

  test('names what linkers write', async () => {
    const read = await expectSound(pe, peSample());
    const lines = listed(read);
    expect(lines).toContain('time stamp (metadata) 2020-01-26T00:53:20Z');
    expect(lines).toContain('debug 1: debug time stamp (metadata) 2020-01-26T00:53:20Z');
    expect(lines).toContain('export time stamp (metadata) 2020-01-26T00:53:20Z');
    expect(lines).toContain('resource table 2: resource time stamp (metadata) 2020-01-26T00:53:20Z');
    expect(lines).toContain('debug 1: pdb path (metadata) C:\\build\\quince.pdb');
    expect(lines).toContain('debug 1: pdb guid (metadata) 33221100-5544-7766-8899-aabbccddeeff');
    expect(lines).toContain('rich header (metadata) 260.27412 x3');
    expect(lines).toContain('rich checksum (derived) fits');
    expect(lines.find((line) => line.startsWith('checksum'))).toMatch(/^checksum \(derived\) 0x[0-9a-f]+, fits$/);
    expect(read.reading.facts).toMatchObject({ machine: 'x86-64', 'linker version': '14.38', checksum: 'fits' });
  });

  test('takes no hash for a date', async () => {
    const read = await expectSound(pe, peSample({ reproducible: true, timeStamp: 0x5e2ce300 }));
    expect(listed(read)).toContain('time stamp (metadata) 0x5e2ce300, a hash of the content');
    expect(listed(read)).toContain(`debug 2: repro hash (metadata) ${Buffer.from('hashhash').toString('hex')}`);
    expect(read.reading.facts['reproducible']).toBe('yes');
  });

  test('says of a checksum that it does not fit', async () => {
    const bytes = peSample();
    bytes.write('other', places.text, 'latin1');
    expect(listed(await expectSound(pe, bytes)).find((line) => line.startsWith('checksum'))).toContain('(metadata)');
    const without = listed(await expectSound(pe, peSample({ checksum: false })));
    expect(without).toContain('checksum (metadata) 0x0, not set');
  });

  test('bounds a signature, and names what hides behind it', async () => {
    const sound = await expectSound(pe, peSample({ certificate: message }));
    expect(sound.regions.find(({ field }) => field === 'pkcs7')).toMatchObject({ class: 'signature', size: 20 });
    expect(sound.regions.at(-1)).toMatchObject({ class: 'padding', field: 'certificate padding', size: 4 });
    const hidden = await expectSound(pe, peSample({ certificate: Buffer.concat([message, Buffer.from('payload')]) }));
    expect(hidden.regions.at(-1)).toMatchObject({ class: 'opaque', field: 'certificate padding' });
    const zeros = await expectSound(pe, peSample({ certificate: Buffer.concat([message, Buffer.alloc(32)]) }));
    expect(zeros.regions.at(-1)).toMatchObject({ class: 'opaque', field: 'certificate padding' });
  });

  test('names an overlay, also one before a signature', async () => {
    const overlay = Buffer.from('a payload of sixteen');
    const plain = await expectSound(pe, peSample({ overlay }));
    expect(plain.regions.at(-1)).toMatchObject({ class: 'overlay', size: overlay.length });
    const before = await expectSound(pe, peSample({ overlay, certificate: message }));
    expect(before.regions.find(({ field }) => field === 'overlay')).toMatchObject({ class: 'overlay', size: 24 });
  });

  test('names bytes between headers and sections', async () => {
    const read = await expectSound(pe, peSample({ headerBytes: Buffer.from('hidden') }));
    expect(read.regions.find(({ field }) => field === 'header padding')).toMatchObject({ class: 'opaque' });
  });

  test.each([
    ['a section that a loader rounds down', places.sections + 20, places.text + 4],
    ['a section past the end', places.sections + 16, 0x100000],
    ['sections that lie over each other', places.sections + 60, places.text],
    ['sections in one place of memory', places.sections + 52, 0x1000],
    ['more directories than fit', places.optional + 108, 17],
    ['a header inside that of DOS', 60, 32],
  ])('refuses %s', async (_, at, value) => {
    const bytes = peSample();
    if (at === 60) bytes.write('PE\0\0', 32, 'latin1');
    bytes.writeUInt32LE(value, at);
    expect(await refusalOf(pe, bytes)).toMatch(/^archive-unsafe: pe: /);
  });

  test('shows every change', { timeout: 120_000 }, async () => {
    expect(await unseenChanges(pe, peSample({ certificate: message }))).toEqual([]);
  });

  test('survives broken files', { timeout: 120_000 }, async () => {
    const samples = [peSample(), peSample({ certificate: message, overlay: Buffer.from('more') })];
    expect(await fuzz(pe, samples, 300)).toBeGreaterThan(20);
  });

  test.skipIf(!have('x86_64-w64-mingw32-gcc'))('covers what MinGW links (needs gcc-mingw-w64-x86-64)', async () => {
    const plain = madeBy('x86_64-w64-mingw32-gcc -g -o out q.c -Wl,--insert-timestamp; mv out.exe out', {
      'q.c': program,
    });
    const read = await expectSound(pe, plain);
    expect(read.reading.facts['checksum']).toBe('fits');
    expect(read.regions.find(({ name }) => name === '.debug_info: content')).toMatchObject({ class: 'debug' });
    expect(read.regions.filter(({ class: kind }) => kind === 'opaque')).toEqual([]);
    const library = madeBy(
      'x86_64-w64-mingw32-gcc -s -shared -o out.dll q.c -Wl,--no-insert-timestamp; mv out.dll out',
      {
        'q.c': program,
      },
    );
    expect((await expectSound(pe, library)).reading.facts['time stamp']).toBe('not set');
  });
});
