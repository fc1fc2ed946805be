/** Archives as the programs out there write them, explained from the outside. */
import { describe, expect, test, vi } from 'vitest';
import { explain } from '../../../src/explain/explain.ts';
import { openWorkshop } from '../../../src/ledger/workshop.ts';
import type { Difference } from '../../../src/model/difference.ts';
import { bufferView } from '../../../src/platform/view.ts';
import { have, madeBy } from '../../ledger/tools.ts';

/** Packing with every encoder takes its time on a busy machine. */
vi.setConfig({ testTimeout: 30_000 });

async function difference(released: Buffer, rebuilt: Buffer, name = 'plover'): Promise<Difference> {
  using workshop = openWorkshop(() => Promise.reject(new Error('no large files here')), { now: () => 0 });
  return (await explain(bufferView(released), bufferView(rebuilt), name, workshop)).difference;
}

async function why(
  released: Buffer,
  rebuilt: Buffer,
  name?: string,
): Promise<{ causes: string[]; unexplained: number }> {
  const { causes, unexplained } = await difference(released, rebuilt, name);
  return { causes: causes.map(({ kind, certainty }) => `${kind}, ${certainty}`), unexplained };
}

const explained = (...causes: string[]): { causes: string[]; unexplained: number } => ({ causes, unexplained: 0 });

const tar = (options: string, more = ''): Buffer =>
  madeBy(`${more}\ntar --sort=name --owner=ada:1000 --group=ada:1000 --mtime=@1700000000 ${options} -cf out plover`);

describe.skipIf(!have('tar'))('tar (needs tar)', () => {
  test('times', async () => {
    expect(await why(tar(''), tar('--mtime=@1714500000'))).toEqual(explained('archive-time, proved'));
  });

  test('times to the nanosecond, in pax', async () => {
    const pax = '--format=posix --pax-option=delete=atime,delete=ctime,exthdr.name=%f';
    const [left, right] = [tar(`${pax} --mtime=@1700000000.25`), tar(`${pax} --mtime=@1714500000.123456789`)];
    const { causes, unexplained } = await why(left, right);
    expect(causes[0]).toMatch(/^archive-time/);
    expect(unexplained).toBe(0);
  });

  test('owners', async () => {
    expect(await why(tar('--owner=root:0 --group=root:0'), tar(''))).toEqual(explained('archive-owner, proved'));
  });

  test('a umask', async () => {
    const [left, right] = [tar('--mode=u=rwX,go=rX'), tar('--mode=u=rwX,g=rwX,o=rX')];
    expect(await why(left, right)).toEqual(explained('archive-umask, proved'));
  });

  test('a bit to run it is never a umask', async () => {
    const { causes, unexplained } = await why(tar(''), tar('', 'chmod a-x plover/nest/twig'));
    expect(causes).toEqual(['changed-mode, proved']);
    expect(unexplained).toBeGreaterThan(0);
  });

  test('order', async () => {
    const [left, right] = ['plover/egg plover/nest/twig plover/empty', 'plover/nest/twig plover/empty plover/egg'].map(
      (files) => madeBy(`tar --mtime=@1 --owner=0 --group=0 -cf out ${files}`),
    ) as [Buffer, Buffer];
    expect(await why(left, right)).toEqual(explained('archive-order, proved'));
  });

  test('the variant, and the size of records', async () => {
    const { causes, unexplained } = await why(tar('--format=ustar -b 2'), tar('--format=gnu'));
    expect(causes).toEqual(['archive-format, proved']);
    expect(unexplained).toBe(0);
  });

  test('long names and links, in pax and as GNU does it', async () => {
    const far = 'f'.repeat(120);
    const long = `mkdir plover/${far}; ln -s ${far}/${far} plover/far`;
    const pax = '--format=posix --pax-option=delete=atime,delete=ctime,delete=mtime';
    const { causes, unexplained } = await why(tar(pax, long), tar('--format=gnu', long));
    expect(causes.every((cause) => cause.startsWith('archive-format'))).toBe(true);
    expect(unexplained).toBe(0);
    const other = await why(tar('--format=gnu', long), tar('--format=gnu', `${long}x`));
    expect(other.unexplained).toBeGreaterThan(0);
  });

  test('a file of one side, beside other times', async () => {
    const { causes, unexplained } = await why(tar('--mtime=@1714500000', 'cp plover/egg plover/evil'), tar(''));
    expect(causes).toContain('only-on-one-side, proved');
    expect(causes).toContain('archive-time, proved');
    expect(unexplained).toBeGreaterThan(0);
  });
});

const packed = (script: string): Buffer => madeBy(script, { big: Buffer.from(bigText()) });

function bigText(): string {
  return Array.from({ length: 40_000 }, (_, at) => `${(at * 7919) % 10_007} plover ${(at * 31) % 97}\n`).join('');
}

const python = (code: string): string =>
  `python3 - <<'end'\nimport gzip, zlib, zipfile\ndata = open('big', 'rb').read()\n${code}\nend`;

const gz = (level: number, more = ''): string =>
  python(`
o = zlib.compressobj(${level}, 8, -15, 8)
b = o.compress(data) + o.flush()
open('out', 'wb').write(bytes.fromhex('1f8b08000000000000ff') + b + zlib.crc32(data).to_bytes(4, 'little') + len(data).to_bytes(4, 'little')${more})`);

describe.skipIf(!have('python3'))('packed by python (needs python3)', () => {
  test('another level of zlib', async () => {
    const found = await difference(packed(gz(9)), packed(gz(6)));
    expect(found.unexplained).toBe(0);
    expect(found.causes).toMatchObject([
      {
        kind: 'compression',
        certainty: 'proved',
        severity: 'cosmetic',
        summary: 'the same content, packed by zlib level 9 instead of zlib level 6',
        fix: 'compress with zlib at level 9',
      },
    ]);
  });

  test.skipIf(!have('gzip'))('GNU gzip packs in no way that is known (needs gzip)', async () => {
    const found = await difference(packed('gzip -9nc big > out'), packed(gz(9)));
    const compression = found.causes.find(({ kind }) => kind === 'compression');
    expect(compression).toMatchObject({ certainty: 'suspected', severity: 'notable' });
    expect(compression?.summary).toContain('instead of zlib level 9');
  });

  const zip = (level: number, more = ''): string =>
    python(`
z = zipfile.ZipFile('out', 'w', zipfile.ZIP_DEFLATED, compresslevel=${level})
for name in ('sorrel', 'quince'):
    i = zipfile.ZipInfo(name, (2024, 5, 7, 10, 30, 0)); i.compress_type = zipfile.ZIP_DEFLATED; i.create_system = 3; i.external_attr = 0o100644 << 16
    ${more}
    z.writestr(i, data, compresslevel=${level})
z.close()`);

  test('another level in a zip', async () => {
    const found = await difference(packed(zip(9)), packed(zip(1)), 'plover.zip');
    expect(found.causes).toMatchObject([{ kind: 'compression', certainty: 'proved' }]);
    expect(found.causes[0]?.summary).toContain('in 2 entries, packed by zlib level 9 instead of zlib level 1');
    expect(found.unexplained).toBe(0);
  });

  test('another time zone', async () => {
    const [left, right] = [packed(zip(6)), packed(zip(6, 'i.date_time = (2024, 5, 7, 8, 30, 0)'))];
    const found = await difference(left, right, 'plover.zip');
    expect(found.causes).toMatchObject([{ kind: 'archive-time', certainty: 'proved', fix: 'TZ=UTC' }]);
    expect(found.unexplained).toBe(0);
  });

  test('a mode in a zip that lets it run', async () => {
    const found = await difference(packed(zip(6, 'i.external_attr = 0o100755 << 16')), packed(zip(6)), 'plover.zip');
    expect(found.causes).toMatchObject([{ kind: 'changed-mode', severity: 'grave' }]);
    expect(found.unexplained).toBeGreaterThan(0);
  });

  test('stored and not packed', async () => {
    const found = await difference(packed(zip(6, 'i.compress_type = 0')), packed(zip(6)), 'plover.zip');
    const compression = found.causes.find(({ kind }) => kind === 'compression');
    expect(compression?.summary).toContain('packed by stored');
  });
});

describe.skipIf(!have('zip', 'gzip', 'tar'))('Info-ZIP and gzip (need zip, gzip, tar)', () => {
  test('times and owners of zip', async () => {
    const zip = (time: string, more = ''): Buffer =>
      madeBy(`find plover -exec touch -h -d @${time} {} +; TZ=UTC zip -qr ${more} out.zip plover; mv out.zip out`);
    const { causes, unexplained } = await why(zip('1700000000'), zip('1714500000'), 'plover.zip');
    expect(causes[0]).toMatch(/^archive-time/);
    expect(unexplained).toBe(0);
    const without = await why(zip('1700000000', '-X'), zip('1700000000'), 'plover.zip');
    expect(without.causes.every((cause) => cause.startsWith('archive-format'))).toBe(true);
    expect(without.unexplained).toBe(0);
  });

  test('the header of gzip', async () => {
    const left = madeBy('cp plover/egg big; touch -d @1700000000 big; gzip -c big > out');
    const right = madeBy('gzip -nc plover/egg > out');
    expect(await why(left, right)).toEqual(explained('compressor-header, proved'));
  });
});

describe.skipIf(!have('xz', 'zstd'))('other compressors (need xz, zstd)', () => {
  test.each([
    ['xz', 'xz -9c big > out', 'xz -1c big > out'],
    ['zstd', 'zstd -q -19 -c big > out', 'zstd -q -1 -c big > out'],
  ])('another level of %s is suspected', async (_, released, rebuilt) => {
    const { causes, unexplained } = await why(packed(released), packed(rebuilt));
    expect(causes).toEqual(['compression, suspected']);
    expect(unexplained).toBe(0);
  });
});

describe.skipIf(!have('ar'))('ar (needs binutils)', () => {
  test('times and owners', async () => {
    const ar = (flags: string): Buffer => madeBy(`cd plover; touch -d @1700000000 egg; ar ${flags} ../out egg empty`);
    const { causes, unexplained } = await why(ar('Drc'), ar('Urc'));
    expect(causes).toContain('archive-time, proved');
    expect(unexplained).toBe(0);
  });
});
