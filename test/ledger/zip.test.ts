import { crc32, deflateRawSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { zip as format } from '../../src/ledger/zip.ts';
import { workshopLimits } from '../../src/ledger/workshop.ts';
import { bufferView } from '../../src/platform/view.ts';
import { assemble, zip, zipParts, type ZipMember } from '../format/zip-fixture.ts';
import { expectSound, fuzz, listed, refusalOf, unseenChanges } from './mutation.ts';
import { have, madeBy } from './tools.ts';

const members: ZipMember[] = [
  { name: 'plover/', content: '', mode: 0o40755, store: true },
  { name: 'plover/egg', content: 'speckled '.repeat(40), mode: 0o100755 },
  { name: 'quince', content: 'stored', store: true, descriptor: 'signed' },
  { name: 'medlar', content: 'late', descriptor: 'plain' },
  { name: 'link', content: 'plover/egg', mode: 0o120777, store: true },
];
const simple = zip(members, 'a comment');

/** Extra fields: `[id, data]`. */
function extras(...records: readonly (readonly [number, Buffer])[]): Buffer {
  return Buffer.concat(
    records.map(([id, data]) => {
      const head = Buffer.alloc(4);
      head.writeUInt16LE(id, 0);
      head.writeUInt16LE(data.length, 2);
      return Buffer.concat([head, data]);
    }),
  );
}

const uids = Buffer.from([1, 4, 0xe8, 3, 0, 0, 4, 0xe8, 3, 0, 0]);
const stamp = Buffer.from([1, 0, 0xe3, 0x2c, 0x5e]);

const described = ((): Buffer => {
  const extra = extras([0x5455, stamp], [0x7875, uids]);
  const localExtra = Buffer.concat([extra, extras([0xd935, Buffer.from([4, 0, 0, 0])], [0xcafe, Buffer.alloc(0)])]);
  const padded = extras([0x5855, Buffer.alloc(12, 1)]);
  return zip([
    { name: 'plover', content: 'x', extra, localExtra },
    { name: 'aligned', content: 'y', store: true, localExtra: Buffer.concat([padded, Buffer.alloc(3)]) },
  ]);
})();

/** With a block of `size` bytes between entries and central directory. */
function signed(change: (block: Buffer) => Buffer = (block) => block, gap = 0, descriptor?: 'signed'): Buffer {
  const block = Buffer.alloc(64, 7);
  block.writeBigUInt64LE(56n, 0);
  block.writeBigUInt64LE(56n, 40);
  block.write('APK Sig Block 42', 48);
  const { local, central } = zipParts([{ name: 'classes.dex', content: 'x', ...(descriptor ? { descriptor } : {}) }]);
  return assemble(local, central, { gap: Buffer.concat([Buffer.alloc(gap), change(block)]) });
}

/** Sizes of an entry, and the end records, in zip64. */
function wide(
  change: (bytes: Buffer, at: { record: number; locator: number; end: number }) => void = () => {},
): Buffer {
  const content = Buffer.from('plover '.repeat(20));
  const packed = deflateRawSync(content);
  const sizes = Buffer.alloc(16);
  sizes.writeBigUInt64LE(BigInt(content.length), 0);
  sizes.writeBigUInt64LE(BigInt(packed.length), 8);
  const extra = extras([1, sizes]);
  const { local, central } = zipParts([{ name: 'plover', content, extra, localExtra: extra }]);
  for (const [header, at] of [
    [local[0], 18],
    [central[0], 20],
  ] as const) {
    header?.fill(0xff, at, at + 8);
  }
  const entries = Buffer.concat([...local, ...central]);
  const directory = central[0]?.length ?? 0;
  const record = Buffer.alloc(56);
  record.write('PK\x06\x06', 'latin1');
  record.writeBigUInt64LE(44n, 4);
  record.writeUInt16LE(45, 12);
  record.writeUInt16LE(45, 14);
  for (const [index, value] of [1, 1, directory, entries.length - directory].entries()) {
    record.writeBigUInt64LE(BigInt(value), 24 + 8 * index);
  }
  const locator = Buffer.alloc(20);
  locator.write('PK\x06\x07', 'latin1');
  locator.writeBigUInt64LE(BigInt(entries.length), 8);
  locator.writeUInt32LE(1, 16);
  const end = Buffer.alloc(22);
  end.write('PK\x05\x06', 'latin1');
  end.fill(0xff, 8, 20);
  const bytes = Buffer.concat([entries, record, locator, end]);
  change(bytes, { record: entries.length, locator: entries.length + 56, end: entries.length + 76 });
  return bytes;
}

test('recognises by the first header, or the end of an empty archive', () => {
  expect(format.recognises(bufferView(zip([])), '')).toBe(true);
  expect(format.recognises(bufferView(Buffer.concat([Buffer.from('#!'), simple])), '')).toBe(false);
  expect(format.recognises(bufferView(Buffer.from('PK\x03\x04')), '')).toBe(false);
});

test('fields, by the names that causes go by', async () => {
  const { regions, reading, contents } = await expectSound(format, simple);
  const egg = regions.filter(({ member }) => member === 'quince').map(({ field, class: kind }) => `${field} ${kind}`);
  expect(egg).toEqual([
    'magic structure',
    'version needed structure',
    'flags structure',
    'method structure',
    'mtime metadata',
    'crc derived',
    'compressed size derived',
    'size derived',
    'name length derived',
    'extra length derived',
    'name structure',
    'content content',
    'descriptor magic structure',
    'descriptor crc derived',
    'descriptor compressed size derived',
    'descriptor size derived',
    'central magic structure',
    'version made by metadata',
    'central version needed structure',
    'central flags derived',
    'central method derived',
    'central mtime derived',
    'central crc derived',
    'central compressed size derived',
    'central size derived',
    'central name length derived',
    'central extra length derived',
    'comment length derived',
    'disk structure',
    'internal attributes metadata',
    'external attributes metadata',
    'offset derived',
    'central name derived',
  ]);
  expect(reading.members.map(({ key, type, plain }) => `${type} ${key} ${plain}`)).toEqual([
    'directory plover true',
    'file plover/egg false',
    'file quince true',
    'file medlar false',
    'symlink link true',
  ]);
  expect(reading.members[1]?.fields).toEqual({ mode: '0755', mtime: '2020-02-04 10:20:30' });
  expect(reading.members[4]?.fields['link']).toBe('plover/egg');
  expect(contents.get('plover/egg')?.toString()).toBe('speckled '.repeat(40));
  expect(regions.at(-1)).toMatchObject({ name: 'archive comment', class: 'metadata', value: 'a comment' });
});

test('extra fields', async () => {
  const read = await expectSound(format, described);
  const shown = listed(read).filter((line) => /extra 0x|extended|unix uid|padding/.test(line));
  expect(shown).toEqual([
    'plover: extended mtime (metadata) 2020-01-26T00:53:20Z',
    'plover: unix uid (metadata) 1000:1000',
    'plover: extra 0xd935 (padding) to 4 bytes',
    'plover: extra 0xcafe (metadata)',
    'aligned: unix uid (metadata) 1970-07-14T22:36:49Z',
    'aligned: extra padding (padding)',
    'plover: central extended mtime (metadata) 2020-01-26T00:53:20Z',
    'plover: central unix uid (metadata) 1000:1000',
  ]);
});

test.each([
  [0x5455, Buffer.from('\x07 a payload that is no time')],
  [0x7875, Buffer.alloc(3000, 'payload')],
  [0x5855, Buffer.alloc(16, 'payload')],
  [0x000a, Buffer.alloc(3000, 'payload')],
  [0xcafe, Buffer.from('payload')],
])('an extra field %i that holds more than its kind has room for is opaque', async (id, data) => {
  const name = `extra 0x${id.toString(16).padStart(4, '0')}`;
  const extra = extras([id, data]);
  const read = await expectSound(format, zip([{ name: 'plover', content: 'x', extra, localExtra: extra }]));
  expect(listed(read).filter((line) => line.includes('(opaque)'))).toEqual([
    `plover: ${name} (opaque)`,
    `plover: central ${name} (opaque)`,
  ]);
});

test('zip64', async () => {
  const { reading, regions } = await expectSound(format, wide());
  expect(reading.members[0]).toMatchObject({ key: 'plover', size: 140 });
  expect(regions.find(({ field }) => field === 'zip64 entries')?.class).toBe('derived');
  expect(regions.find(({ name }) => name === 'entries')?.class).toBe('structure');
});

test('the signing block is bounded by its own sizes', async () => {
  for (const bytes of [signed(), signed((block) => block, 0, 'signed')]) {
    const { reading } = await expectSound(format, bytes);
    const block = reading.regions.find(({ field }) => field === 'apk signing block');
    expect(block).toMatchObject({ class: 'signature', size: 64 });
    expect(bytes.toString('latin1', (block?.at ?? 0) + 48, (block?.at ?? 0) + 64)).toBe('APK Sig Block 42');
  }
  const first = zipParts([{ name: 'classes.dex', content: 'x' }]).local[0]?.length ?? 0;
  const { reading } = await expectSound(
    format,
    signed((block) => block, 4096 - first),
  );
  expect(reading.regions.map(({ field }) => field)).toContain('padding before the signing block');
});

test('entries in another order than the directory’s', async () => {
  const { local, central } = zipParts(members);
  const { reading } = await expectSound(format, assemble(local, central.toReversed()));
  expect(reading.members.map(({ key }) => key)).toEqual(['plover', 'plover/egg', 'quince', 'medlar', 'link']);
});

test('names with control characters are kept, others spelled in percent', async () => {
  const { reading } = await expectSound(format, zip([{ name: 'a\x1b[31m\0b\n', content: 'x' }]));
  expect(reading.members[0]?.key).toBe('a\x1b[31m\0b\n');
});

const egg: ZipMember = { name: 'egg', content: 'x' };
const parts = zipParts([egg, { name: 'nest', content: 'y' }]);
const hidden = zipParts([egg, { name: 'hidden', content: 'h' }, { name: 'nest', content: 'y' }]);
const localSize = parts.local.map(({ length }) => length);
const shifted = zipParts([egg], 10);

const hostile: Record<string, readonly [bytes: Buffer, message: string | RegExp]> = {
  'bytes before the first entry (CVE-2017-13156)': [
    assemble(shifted.local, shifted.central, { before: Buffer.from('dex\n035\0xx') }),
    '10 bytes before the first entry',
  ],
  'bytes before it, and offsets that do not count them': [
    Buffer.concat([Buffer.from('PK\x03\x04 prefix'), zip([egg])]),
    `the central directory should end at ${zip([egg]).length - 22}, and what follows it is at ${zip([egg]).length - 11}`,
  ],
  'a hidden local entry': [
    assemble(
      hidden.local,
      [hidden.central[0], hidden.central[2]].filter((one) => one !== undefined),
    ),
    `${hidden.local[1]?.length} bytes at ${localSize[0]} that belong to nothing`,
  ],
  'a gap before the central directory': [
    assemble(parts.local, parts.central, { gap: Buffer.alloc(40, 1) }),
    `40 bytes between the entries and the central directory, at ${(localSize[0] ?? 0) + (localSize[1] ?? 0)}`,
  ],
  'bytes in the central directory': [
    assemble(parts.local, parts.central, { tail: Buffer.from('payload') }),
    `7 bytes after the last central header, at ${Buffer.concat([...parts.local, ...parts.central]).length}`,
  ],
  'fewer entries than the end record counts': [
    assemble(parts.local, parts.central, { count: 3 }),
    `3 entries in a central directory of ${Buffer.concat(parts.central).length} bytes`,
  ],
  'bytes after the end': [
    Buffer.concat([zip([egg]), Buffer.from('tail')]),
    `4 bytes after the end, at ${zip([egg]).length}`,
  ],
  'two end records': [
    Buffer.concat([zip([egg], 'x'.repeat(22 + zip([egg]).length)).subarray(0, zip([egg]).length), zip([egg]), zip([])]),
    'a record in the comment of the archive',
  ],
  'an end record in the comment': [zip([egg], 'see PK\x05\x06'), 'a record in the comment of the archive'],
  'two entries of one name (CVE-2013-4787)': [zip([egg, { ...egg, content: 'other' }]), 'two entries named egg'],
  'two entries for one place': [zip([egg, { ...egg, name: './egg' }]), 'two entries named ./egg'],
  'another local name': [zip([{ ...egg, local: { name: 'EGG' } }]), 'egg: its two headers differ in the name'],
  'another local size': [zip([{ ...egg, local: { size: 9 } }]), 'egg: its two headers differ in the sizes'],
  'another local check sum': [zip([{ ...egg, local: { crc: 9 } }]), 'egg: its two headers differ in the check sum'],
  'another local method': [zip([{ ...egg, local: { method: 0 } }]), 'egg: its two headers differ in the method'],
  'other local flags': [zip([{ ...egg, local: { flags: 8 } }]), 'egg: its two headers differ in the flags'],
  'another local time': [zip([{ ...egg, local: { time: 8 } }]), 'egg: its two headers differ in the time'],
  'a wrong check sum': [zip([{ ...egg, wrongCrc: true }]), 'egg: a wrong check sum'],
  'a wrong size': [zip([{ ...egg, declaredSize: 9 }]), 'egg: not 9 bytes come out'],
  'bytes after the compressed data': [
    zip([{ ...egg, slack: Buffer.from('hid') }]),
    'egg: 3 bytes after its compressed data',
  ],
  'a second name': [zip([{ ...egg, extra: extras([0x7075, Buffer.from('\x01\0\0\0\0gge')]) }]), 'egg: a second name'],
  'bytes in an alignment': [
    zip([{ ...egg, localExtra: extras([0xd935, Buffer.from([4, 0, 0, 1])]) }]),
    'egg: bytes in the alignment',
  ],
  'a malformed extra field': [
    zip([{ ...egg, localExtra: Buffer.from([1, 2, 99, 0]) }]),
    'egg: a malformed extra field',
  ],
  'an extra field given twice': [
    zip([{ ...egg, extra: extras([0x5455, stamp], [0x5455, stamp]) }]),
    'egg: two of extra 0x5455',
  ],
  'zip64 sizes that nothing needs': [zip([{ ...egg, extra: extras([1, uids]) }]), 'egg: zip64 sizes that do not fit'],
  'a directory with content': [zip([{ name: 'd/', content: 'x' }]), 'd/: a directory with content'],
  'a name that is empty': [zip([{ name: '', content: 'x' }]), /without a name/],
  'no zip64 locator': [assemble(parts.local, parts.central, { count: 0xffff }), 'no zip64 locator where one must be'],
  'a zip64 locator that points elsewhere': [
    wide((bytes, { locator }) => bytes.writeBigUInt64LE(0n, locator + 8)),
    'a zip64 locator that points to 0',
  ],
  'end records that differ': [
    wide((bytes, { end }) => bytes.writeUInt32LE(7, end + 12)),
    'two end records that differ',
  ],
  'signing block sizes that differ': [
    signed((block) => block.fill(57, 0, 1)),
    'the two sizes of the signing block differ',
  ],
  'a signing block that is too large': [signed((block) => block.fill(0xff, 40, 42)), 'a signing block of 65543 bytes'],
  'padding before the signing block that aligns nothing': [signed((block) => block, 5), /^69 bytes between/],
};

test.each(Object.entries(hostile))('refused: %s', async (_, [bytes, message]) => {
  const refusal = await refusalOf(format, bytes);
  if (typeof message === 'string') expect(refusal).toBe(`archive-unsafe: zip: ${message}`);
  else expect(refusal.replace('archive-unsafe: zip: ', '')).toMatch(message);
});

test('overlapping entries', async () => {
  const { local, central } = zipParts([egg, { name: 'nest', content: 'y' }]);
  central[1]?.writeUInt32LE(0, 42);
  const refusal = await refusalOf(format, assemble(local, central));
  expect(refusal).toBe('archive-unsafe: zip: nest: its two headers differ in the name');
});

test.each([
  ['encrypted', { ...egg, flags: 1 }],
  ['another method', { ...egg, method: 12 }],
])('not supported: %s', async (_, member) => {
  expect(await refusalOf(format, zip([member]))).toMatch(/^unsupported: /);
});

test('a bomb is stopped when it is opened', async () => {
  const limits = { ...workshopLimits, ratio: 100, ratioFrom: 1024 ** 2 };
  expect(await refusalOf(format, zip([{ name: 'b', content: Buffer.alloc(32 * 1024 ** 2) }]), limits)).toMatch(
    /^too-large: /,
  );
});

test('more entries than are counted', async () => {
  const many = zip(Array.from({ length: 50 }, (_, index) => ({ name: `n${index}`, content: '' })));
  expect(await refusalOf(format, many, { ...workshopLimits, members: 40 })).toMatch(/^too-large: /);
});

test.each(Object.entries({ simple, described, wide: wide(), signed: signed() }))(
  'no change goes unseen: %s',
  async (_, bytes) => {
    expect(await unseenChanges(format, bytes, 7)).toEqual([]);
  },
  60_000,
);

test('random bytes in 600 archives', async () => {
  expect(await fuzz(format, [simple, described, wide(), signed()], 600)).toBeGreaterThan(200);
});

test('a large entry goes through a stream', async () => {
  const content = Buffer.from(Array.from({ length: 5 * 1024 ** 2 }, (_, index) => (index * index) >>> 9));
  const { contents } = await expectSound(format, zip([{ name: 'large', content }]));
  expect(crc32(contents.get('large') ?? '')).toBe(crc32(content));
});

test.skipIf(!have('zip')).each([
  ['a plain one', 'zip -qr out.zip plover'],
  ['links kept', 'zip -qry out.zip plover'],
  ['no extra fields', 'zip -qrX out.zip plover'],
  ['to a pipe', 'zip -qr - plover | cat > out.zip'],
  ['from a pipe', 'cat plover/egg | zip -q out.zip -'],
  ['from a pipe to a pipe', 'cat plover/egg | zip -q - - | cat > out.zip'],
  ['with comments', 'echo "on the archive" | zip -qrz out.zip plover'],
  ['zip64 by force', 'zip -qr -fz out.zip plover'],
])('an archive by zip, %s (needs zip)', async (_, script) => {
  await expectSound(format, madeBy(`${script}; mv out.zip out`));
});

test.skipIf(!have('jar'))('an archive by jar (needs a JDK)', async () => {
  const { reading } = await expectSound(format, madeBy('jar cf out plover'));
  expect(reading.members.map(({ key }) => key)).toContain('META-INF/MANIFEST.MF');
});

test.skipIf(!have('zip', 'zipalign'))('an archive by zipalign (needs zip, zipalign)', async () => {
  await expectSound(format, madeBy('zip -qr0 in.zip plover; zipalign 512 in.zip out'));
});

test.skipIf(!have('python3'))('archives by Python (needs python3)', async () => {
  const script = `
import zipfile
z = zipfile.ZipFile("out", "w", zipfile.ZIP_DEFLATED)
z.writestr("plain.txt", "x" * 99)
z.write("plover/egg")
z.close()`;
  const { reading } = await expectSound(format, madeBy(`python3 -c '${script}'`));
  expect(reading.members.map(({ key }) => key)).toEqual(['plain.txt', 'plover/egg']);
});

test.skipIf(!have('zip', 'zipalign', 'apksigner', 'keytool'))(
  'a package signed by apksigner (needs zip, zipalign, apksigner, a JDK)',
  async () => {
    const bytes = madeBy(
      `keytool -genkeypair -keystore k -storepass quince -keypass quince -alias k -dname CN=plover -keyalg RSA 2>&1
       zip -qr in.apk plover; zipalign 4 in.apk aligned.apk
       apksigner sign --ks k --ks-pass pass:quince --min-sdk-version 24 --out out aligned.apk`,
    );
    const { reading } = await expectSound(format, bytes);
    expect(reading.regions.map(({ field }) => field)).toContain('apk signing block');
  },
  30_000,
);
