import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Comparison } from '../../src/model/comparison.ts';
import { comparisonSchema } from '../../src/report/comparison-schema.ts';
import { gzipSync } from 'node:zlib';
import { zip } from '../format/zip-fixture.ts';
import { tar } from '../format/tar-fixture.ts';
import { type Ended, session, temporary } from './session.ts';

type Files = Readonly<Record<string, string | Buffer>>;

async function filesIn(files: Files): Promise<string> {
  const cwd = await temporary();
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(join(cwd, name, '..'), { recursive: true });
    writeFileSync(join(cwd, name), content);
  }
  return cwd;
}

async function compare(cwd: string, ...words: readonly string[]): Promise<Ended & { readonly document: Comparison }> {
  const ended = await session(['compare', ...words, '--json'], { cwd });
  return { ...ended, document: JSON.parse(ended.stdout) as Comparison };
}

const archive = (mtime: number): Buffer => tar({ path: 'plover', content: 'nest', mtime });

describe('compare: exit codes', () => {
  test.each([
    ['equal files', { a: 'heather', b: 'heather' }, 0, 'identical'],
    ['other files', { a: 'heather', b: 'leather' }, 1, 'different'],
    ['empty files', { a: '', b: '' }, 2, 'undecided'],
    ['an archive with two readings', { a: tar({ path: 'x' }, { path: 'x' }), b: tar({ path: 'x' }) }, 4, 'refused'],
    [
      'equal files that could be read in two ways',
      { a: tar({ path: 'x' }, { path: 'x' }), b: tar({ path: 'x' }, { path: 'x' }) },
      0,
      'identical',
    ],
  ])('%s', async (_, files, exit, outcome) => {
    const ended = await compare(await filesIn(files), 'a', 'b');
    expect({ exit: ended.exit, outcome: ended.document.outcome }).toEqual({ exit, outcome });
    expect(comparisonSchema.safeParse(ended.document).error).toBeUndefined();
  });

  test.each([
    ['one file', ['a']],
    ['three files', ['a', 'b', 'c']],
    ['no files', []],
    ['a file that is not there', ['a', 'gone']],
    ['a file and a directory', ['a', 'd']],
    ['a device', ['/dev/null', 'a']],
    ['an unknown allowance', ['a', 'b', '--allow', 'everything@1']],
    ['an unknown format', ['a', 'b', '--format', 'xml']],
    ['files beside a list of pairs', ['a', 'b', '--pairs', 'a']],
    ['a list that is not there', ['--pairs', 'gone']],
    ['a list of something else', ['--pairs', 'a']],
  ])('%s is a usage error', async (_, words) => {
    const cwd = await filesIn({ a: 'x', b: 'y', c: 'z', 'd/e': 'x' });
    const { exit, stderr, stdout } = await session(['compare', ...words], { cwd });
    expect({ exit, stdout }).toEqual({ exit: 64, stdout: '' });
    expect(stderr).toMatch(/^error: /);
  });
});

describe('compare: allowances', () => {
  test('excuse what they name, are recorded, and count only if the caller accepts them', async () => {
    const cwd = await filesIn({ a: archive(1_600_000_000), b: archive(1_500_000_000) });
    expect((await compare(cwd, 'a', 'b')).document.outcome).toBe('different');
    const allowed = await compare(cwd, 'a', 'b', '--allow', 'archive-time@1');
    expect({ exit: allowed.exit, outcome: allowed.document.outcome }).toEqual({ exit: 1, outcome: 'explained' });
    expect(allowed.document.difference?.allowed).toMatchObject([{ allowance: 'archive-time@1', path: '', regions: 1 }]);
    const [bytes] = allowed.document.difference?.allowed ?? [];
    expect(bytes?.released).not.toBe(bytes?.rebuilt);
    const accepted = await compare(cwd, 'a', 'b', '--allow', 'archive-time@1', '--accept', 'explained');
    expect(accepted.exit).toBe(0);
  });

  test.each([
    ['a mode', { mode: 0o755 }],
    ['a name', { path: 'plower' }],
    ['a content', { content: 'nesT' }],
    ['a link', { flag: '2', content: '', link: 'x' }],
    ['an owner', { header: 'heron' }],
  ])('never excuse %s', async (_, change) => {
    const base = { path: 'plover', content: 'nest', mtime: 1_600_000_000 };
    const changed =
      'header' in change ? owned(archive(1_500_000_000)) : tar({ ...base, mtime: 1_500_000_000, ...change });
    const cwd = await filesIn({ a: tar(base), b: changed });
    const ended = await compare(cwd, 'a', 'b', '--allow', 'archive-time@1', '--accept', 'explained');
    expect({ exit: ended.exit, outcome: ended.document.outcome }).toEqual({ exit: 1, outcome: 'different' });
  });

  test('for what lies in a packed file need one for the packing too', async () => {
    const cwd = await filesIn({ a: gzipSync(archive(1_600_000_000)), b: gzipSync(archive(1_500_000_000)) });
    const time = ['--allow', 'archive-time@1'];
    expect((await compare(cwd, 'a', 'b', ...time)).document.outcome).toBe('different');
    expect((await compare(cwd, 'a', 'b', ...time, '--allow', 'compression@1')).document.outcome).toBe('explained');
  });

  test('where a link in a zip leads is no time', async () => {
    const archive = (target: string, time: number): Buffer => {
      const extra = Buffer.from([0x55, 0x54, 5, 0, 1, time, 0, 0, 0]);
      const link = { name: 'link', content: target, store: true, mode: 0o120777 };
      return zip([link, { name: 'plover', content: 'nest', extra, localExtra: extra }]);
    };
    const time = ['--allow', 'archive-time@1'];
    const cwd = await filesIn({ a: archive('quince', 1), b: archive('quince', 2), c: archive('sorrel', 2) });
    expect((await compare(cwd, 'a', 'b', ...time)).document.outcome).toBe('explained');
    const { document } = await compare(cwd, 'a', 'c', ...time);
    expect(document.outcome).toBe('different');
    expect(JSON.stringify(document.difference?.files)).toContain('link: content');
  });
});

/** The same archive by another user. */
function owned(bytes: Buffer): Buffer {
  const copy = Buffer.from(bytes);
  copy.write('heron', 265);
  copy.write('        ', 148);
  const sum = copy.subarray(0, 512).reduce((total, byte) => total + byte, 0);
  copy.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
  return copy;
}

describe('compare: trees', () => {
  const tree = { 'l/bin/plover': 'nest', 'l/doc': 'sorrel', 'r/bin/plover': 'nest', 'r/doc': 'sorrel' };

  test('equal trees are identical, whenever and by whoever they were made', async () => {
    const ended = await compare(await filesIn(tree), 'l', 'r');
    expect({ exit: ended.exit, outcome: ended.document.outcome }).toEqual({ exit: 0, outcome: 'identical' });
  });

  test.each([
    ['a changed file', (cwd: string) => writeFileSync(join(cwd, 'r/doc'), 'sorreL'), 'doc'],
    ['a file too many', (cwd: string) => writeFileSync(join(cwd, 'r/more'), ''), 'more'],
    ['a mode', (cwd: string) => chmodSync(join(cwd, 'r/bin/plover'), 0o4755), 'bin/plover'],
    ['a link', (cwd: string) => symlinkSync('/etc/passwd', join(cwd, 'r/link')), 'link'],
    ['an empty directory', (cwd: string) => mkdirSync(join(cwd, 'r/empty')), 'empty'],
  ])('%s is a difference that is named', async (_, change, name) => {
    const cwd = await filesIn(tree);
    change(cwd);
    const { exit, document } = await compare(cwd, 'l', 'r');
    expect({ exit, outcome: document.outcome }).toEqual({ exit: 1, outcome: 'different' });
    expect(JSON.stringify([document.difference?.files, document.difference?.causes])).toContain(name);
  });

  test('a link that leads elsewhere is not followed', async () => {
    const cwd = await filesIn({ 'l/x': '1', 'r/x': '1', secret: 'heron' });
    symlinkSync(join(cwd, 'secret'), join(cwd, 'l/s'));
    symlinkSync(join(cwd, 'x'), join(cwd, 'r/s'));
    const { document } = await compare(cwd, 'l', 'r');
    expect(document.outcome).toBe('different');
    expect(JSON.stringify(document)).not.toContain('heron');
  });

  test.skipIf(process.platform === 'darwin')(
    'a name that is no text is not the one that spells its bytes',
    async () => {
      const cwd = await filesIn({ 'l/bytes:ff': 'nest', 'l/doc': 'sorrel', 'r/doc': 'sorrel' });
      writeFileSync(Buffer.concat([Buffer.from(join(cwd, 'r/')), Buffer.from([0xff])]), 'nest');
      expect((await compare(cwd, 'l', 'r')).document.outcome).toBe('different');
    },
  );

  test('trees without files say nothing', async () => {
    const cwd = await filesIn({});
    for (const name of ['l', 'r']) mkdirSync(join(cwd, name));
    expect((await compare(cwd, 'l', 'r')).exit).toBe(2);
  });
});

describe('compare: many pairs', () => {
  test('the worst decides, and one that cannot be compared keeps no other from it', async () => {
    const cwd = await filesIn({ a: 'x', b: 'y', c: 'x', list: 'a\tb\na\tgone\na\tc\n' });
    const ended = await session(['compare', '--pairs', 'list', '--json'], { cwd });
    const documents = JSON.parse(ended.stdout) as { readonly outcome?: string }[];
    expect(ended.exit).toBe(64);
    expect(documents.map(({ outcome }) => outcome)).toEqual(['different', undefined, 'identical']);
  });

  test('a line for each', async () => {
    const cwd = await filesIn({ a: 'x', b: 'y', c: 'x', list: 'a\tb\na\tc\n' });
    const { exit, stdout } = await session(['compare', '--pairs', 'list'], { cwd });
    expect(exit).toBe(1);
    expect(stdout.trim().split('\n')).toHaveLength(2);
    expect(stdout).toMatch(/^different +a {2}b {2}\S+/);
  });
});

const hasDiffoscope = spawnSync('diffoscope', ['--version']).status === 0;

describe('compare: a second opinion', () => {
  test.skipIf(!hasDiffoscope)('of diffoscope (skipped where it is not installed)', { timeout: 60_000 }, async () => {
    const cwd = await filesIn({ a: 'heather\n', b: 'leather\n' });
    const { exit, document } = await compare(cwd, 'a', 'b', '--diffoscope');
    expect(exit).toBe(1);
    expect(document.secondOpinion).toMatchObject({
      by: expect.stringContaining('diffoscope') as unknown,
      end: 'difference',
    });
    expect(document.secondOpinion?.text).toContain('+leather');
    const { stdout } = await session(['compare', 'a', 'b', '--diffoscope'], { cwd });
    expect(stdout).toContain('  | -heather');
  });

  test('of a tool that is not there changes nothing', async () => {
    const cwd = await filesIn({ a: 'heather', b: 'leather' });
    const { exit, stdout } = await session(['compare', 'a', 'b', '--diffoscope'], { cwd, env: { PATH: '/none' } });
    expect(exit).toBe(1);
    expect(stdout).toContain('diffoscope is not installed here');
  });
});

describe('report', () => {
  test.each(['terminal', 'markdown', 'html', 'diffoscope-json', 'json'])(
    'a stored comparison as %s',
    async (format) => {
      const cwd = await filesIn({ a: 'heather', b: 'leather' });
      const direct = await session(
        ['compare', 'a', 'b', '--format', format, '--digests', '--report-file', 'kept.json'],
        { cwd },
      );
      const { exit, stdout } = await session(['report', 'kept.json', '--format', format], { cwd });
      expect(exit).toBe(0);
      expect(stdout).toBe(direct.stdout);
      expect(stdout).toContain('leather');
    },
  );

  test.each([
    ['no JSON', 'quince'],
    ['another document', '{"lock": 1}'],
    ['a document that says too much', '{"comparison": 1, "more": true}'],
  ])('%s is a usage error', async (_, text) => {
    const cwd = await filesIn({ kept: text });
    expect((await session(['report', 'kept'], { cwd })).exit).toBe(64);
  });
});

describe('ledger', () => {
  test('every byte in one region', async () => {
    const cwd = await filesIn({ a: archive(7) });
    const { exit, stdout } = await session(['ledger', 'a', '--json'], { cwd });
    const { size, regions } = JSON.parse(stdout) as { size: number; regions: { at: number; size: number }[] };
    let end = 0;
    for (const region of regions) {
      expect(region.at).toBe(end);
      end += region.size;
    }
    expect({ exit, end }).toEqual({ exit: 0, end: size });
  });

  test.each([
    ['an archive with two readings is refused', { a: tar({ path: 'x' }, { path: 'x' }) }, 4],
    ['a file that is not there', {}, 64],
  ])('%s', async (_, files, exit) => {
    expect((await session(['ledger', 'a'], { cwd: await filesIn(files as Files) })).exit).toBe(exit);
  });
});
