import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { claimDigest } from '../../src/claim/digest.ts';
import { loadClaim, parseClaim } from '../../src/claim/load.ts';
import { SamesourceError } from '../../src/model/error.ts';
import { bent, commit, digest, gitClaim } from './examples.ts';

function refusalOf(text: string): SamesourceError {
  try {
    parseClaim(text, 'samesource.yaml');
  } catch (error) {
    if (error instanceof SamesourceError) return error;
    throw error;
  }
  throw new Error('was accepted');
}

function refusedAt(text: string): string {
  const error = refusalOf(text);
  expect(error.code).toBe('claim-invalid');
  const position = /^samesource\.yaml:(\d+:\d+): /.exec(error.message)?.[1];
  return position ?? `no position in ${error.message}`;
}

describe('parseClaim', () => {
  test.each([
    ['run: make', String.raw`run: "make\0"`],
    ['SOURCE_DATE_EPOCH: auto', String.raw`A: "x\0y"`],
  ])('a NUL that no program can be handed is refused: %s', (piece, replacement) => {
    refusedAt(bent(piece, replacement));
  });

  test('gives the model form, with defaults', () => {
    expect(parseClaim(gitClaim, 'x')).toEqual({
      claim: 1,
      name: 'frobnicate 2.4.1 for linux/amd64',
      source: { kind: 'git', url: 'https://example.org/frobnicate.git', tag: 'v2.4.1', commit },
      toolchain: {
        kind: 'debian',
        suites: ['bookworm'],
        packages: ['gcc', 'libc6-dev', 'make'],
        platform: 'linux/amd64',
      },
      build: {
        dir: '/build/frobnicate',
        env: { SOURCE_DATE_EPOCH: 'auto' },
        run: 'make',
        limits: { seconds: 7200, memoryBytes: 8589934592, processes: 2048, diskBytes: 21474836480 },
      },
      artifacts: [
        {
          path: 'out/frobnicate.tar.gz',
          released: { kind: 'url', url: 'https://example.org/dl/frobnicate-2.4.1.tar.gz' },
          sha256: digest,
          allow: [],
        },
      ],
      reviews: [],
    });
  });

  test.each([
    ['a path', '../shipped/./a b.bin', { kind: 'file', path: '../shipped/a b.bin' }],
    ['a file URL', 'file:///srv/a%20b.bin', { kind: 'file', path: '/srv/a b.bin' }],
    ['an http URL', 'http://example.org/a', { kind: 'url', url: 'http://example.org/a' }],
    [
      'a Debian package',
      '{ debian: { package: jq, version: "1.6-2.1", arch: amd64, suites: [bookworm] } }',
      { kind: 'debian', package: 'jq', version: '1.6-2.1', arch: 'amd64', suites: ['bookworm'] },
    ],
  ])('reads %s as what was released', (_, written, expected) => {
    const text = bent('https://example.org/dl/frobnicate-2.4.1.tar.gz', written);
    expect(parseClaim(text, 'x').artifacts[0]?.released).toEqual(expected);
  });

  test('reads limits in human units', () => {
    const limits = '  limits: { time: 90m, memory: 512MiB, processes: 64, disk: 3GB }\n';
    expect(parseClaim(bent('  run: make\n', `  run: make\n${limits}`), 'x').build.limits).toEqual({
      seconds: 5400,
      memoryBytes: 536870912,
      processes: 64,
      diskBytes: 3e9,
    });
  });

  test('an artifact may lie beside the source tree, as Debian packages do', () => {
    expect(parseClaim(bent('out/frobnicate.tar.gz', '../frob_1_all.deb'), 'x').artifacts[0]?.path).toBe(
      '../frob_1_all.deb',
    );
  });

  test.each<readonly [what: string, piece: string, replacement: string, position: string]>([
    ['an unknown key', '  tag: v2.4.1', '  tagg: v2.4.1', '5:3'],
    ['an unknown key at the top', 'reviews: []', 'review: []', '19:1'],
    ['an unknown key in a list', '    allow: []', '    alow: []', '18:5'],
    ['a missing key', '  run: make\n', '', '10:1'],
    ['a missing top key', 'name: frobnicate 2.4.1 for linux/amd64\n', '', '1:1'],
    ['a duplicate key', '  tag: v2.4.1', '  tag: v2.4.1\n  tag: v2.4.2', '6:3'],
    ['a short commit', commit, commit.slice(0, 12), '6:11'],
    ['an upper-case commit', commit, commit.toUpperCase(), '6:11'],
    ['a short digest', digest, digest.slice(0, 16), '17:13'],
    ['a branch by its full name', 'tag: v2.4.1', 'tag: refs/heads/v2.4.1', '5:8'],
    ['a tag by its full name', 'tag: v2.4.1', 'tag: refs/tags/v2.4.1', '5:8'],
    ['a tag that is an option', 'tag: v2.4.1', 'tag: --upload-pack=x', '5:8'],
    ['a transport helper', 'git: https://example.org/frobnicate.git', 'git: "ext::sh -c id"', '4:8'],
    ['a URL that is an option', 'git: https://example.org/frobnicate.git', 'git: --upload-pack=x', '4:8'],
    ['a version as a number', 'name: frobnicate 2.4.1 for linux/amd64', 'name: 2.10', '2:7'],
    ['an unknown version', 'claim: 1', 'claim: 2', '1:8'],
    ['an unknown platform', 'platform: linux/amd64', 'platform: linux/vax', '9:13'],
    ['suite and suites', 'suite: bookworm,', 'suite: bookworm, suites: [bookworm],', '8:11'],
    ['neither suite nor suites', 'suite: bookworm, ', '', '8:11'],
    ['a suite that leaves its directory', 'suite: bookworm', 'suite: ../bookworm', '8:20'],
    ['a relative build directory', 'dir: /build/frobnicate', 'dir: build/frobnicate', '11:8'],
    ['a build directory with ..', 'dir: /build/frobnicate', 'dir: /build/../etc', '11:8'],
    ['a build directory with a slash at its end', 'dir: /build/frobnicate', 'dir: /build/frobnicate/', '11:8'],
    ...[
      '/',
      '/usr',
      '/etc',
      '/proc',
      '/dev',
      '/sys',
      '/tmp',
      '/src',
      '/usr/lib',
      '/usr/x',
      '/proc/1/x',
      '/etc/a/b',
    ].map((dir) => [`the build directory ${dir}`, 'dir: /build/frobnicate', `dir: ${dir}`, '11:8'] as const),
    ['a name that is no variable', 'SOURCE_DATE_EPOCH: auto', '"A B": auto', '12:10'],
    ['a variable that is a number', 'SOURCE_DATE_EPOCH: auto', 'SOURCE_DATE_EPOCH: 17', '12:29'],
    ['an absolute artifact', 'path: out/frobnicate.tar.gz', 'path: /etc/shadow', '15:11'],
    ['an artifact outside the mount', 'path: out/frobnicate.tar.gz', 'path: ../../x', '15:11'],
    ['an artifact that hides its way', 'path: out/frobnicate.tar.gz', 'path: out/../../../x', '15:11'],
    ['the build directory itself as an artifact', 'path: out/frobnicate.tar.gz', 'path: .', '15:11'],
    ['an ftp address', 'https://example.org/dl/frobnicate-2.4.1.tar.gz', 'ftp://example.org/x', '16:15'],
    ['a password', 'https://example.org/dl/frobnicate-2.4.1.tar.gz', 'https://a:b@example.org/x', '16:15'],
    ['a file URL of another host', 'https://example.org/dl/frobnicate-2.4.1.tar.gz', 'file://host/x', '16:15'],
    ['an unknown allowance', 'allow: []', 'allow: [gzip-header]', '18:13'],
    ['an anchor', 'name: frobnicate', 'name: &a frobnicate', '2:10'],
    ['a tag of YAML', 'name: frobnicate', 'name: !!str frobnicate', '2:13'],
    ['a control character', 'name: frobnicate 2.4.1 for linux/amd64', 'name: "a\\eb"', '2:7'],
    ['a list for a map', '  dir: /build/frobnicate\n  env: { SOURCE_DATE_EPOCH: auto }\n  run: make', '  - x', '11:3'],
    ['no artifacts', /artifacts:[^]*/.exec(gitClaim)?.[0] ?? '', 'artifacts: []\n', '14:12'],
  ])('refuses %s', (_, piece, replacement, position) => {
    expect(refusedAt(bent(piece, replacement))).toBe(position);
  });

  test.each(['debian:12', 'registry.example/go:1.22', 'registry.example/go@sha256:abcd', `--x@sha256:${digest}`])(
    'refuses the image %s',
    (image) => {
      const debian = 'debian: { suite: bookworm, packages: [gcc, libc6-dev, make] }';
      expect(refusedAt(bent(debian, `image: ${JSON.stringify(image)}`))).toBe('8:10');
    },
  );

  test('refuses two artifacts of one path', () => {
    const second = '  - path: out/frobnicate.tar.gz\n    released: other.bin\n';
    expect(refusedAt(bent('reviews: []', `${second}reviews: []`.replace(/^ {2}- /, '  - ')))).toBe('19:11');
  });

  test('names the nearest known key', () => {
    expect(refusalOf(bent('  tag: v2.4.1', '  tga: v2.4.1')).hint).toContain('"tag"');
    expect(refusalOf(bent('toolchain:', 'tool-chain:')).hint).toContain('"toolchain"');
    expect(refusalOf(bent('  git: https', '  giit: https')).hint).toContain('"git"');
  });

  test('keeps a hostile value printable in its message', () => {
    const error = refusalOf(bent('tag: v2.4.1', 'tag: "\\e[2J\\n::error::\\u202e"'));
    expect(error.message).toMatch(/^[\u{20}-\u{7e}]+$/u);
  });
});

describe('claimDigest', () => {
  test('does not count comments, order or spelling', () => {
    const reordered = `# a comment\nreviews: []\n${gitClaim.replace('reviews: []\n', '').replace('{ suite: bookworm,', '{ suites: [bookworm],')}`;
    expect(claimDigest(parseClaim(reordered, 'x'))).toBe(claimDigest(parseClaim(gitClaim, 'x')));
  });

  test('counts everything else', () => {
    const digests = [
      gitClaim,
      bent('run: make', 'run: make all'),
      bent('SOURCE_DATE_EPOCH: auto', 'SOURCE_DATE_EPOCH: "0"'),
      bent('[gcc, libc6-dev, make]', '[libc6-dev, gcc, make]'),
    ].map((text) => claimDigest(parseClaim(text, 'x')));
    expect(new Set(digests).size).toBe(digests.length);
  });
});

async function write(text: string): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), 'samesource-claim-'));
  onTestFinished(() => rm(dir, { recursive: true }));
  const path = join(dir, 'frob.yaml');
  await writeFile(path, text);
  return path;
}

describe('loadClaim', () => {
  test('reads a file', async () => {
    expect((await loadClaim(await write(gitClaim))).claim).toBe(1);
  });

  test('refuses more than a megabyte', async () => {
    await expect(loadClaim(await write(`${gitClaim}#${'x'.repeat(1024 * 1024)}`))).rejects.toMatchObject({
      code: 'claim-invalid',
    });
  });

  test('says where a claim would come from if there is none', async () => {
    await expect(loadClaim('/nowhere/samesource.yaml')).rejects.toMatchObject({ code: 'usage' });
  });
});
