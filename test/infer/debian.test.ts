import { gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { parseStanza } from '../../src/format/deb822.ts';
import { changelogText, firstEntry } from '../../src/infer/debian/bin-nmu.ts';
import { debianClaim, type PackageFacts } from '../../src/infer/debian/claim.ts';
import { writeClaim } from '../../src/claim/write.ts';
import { parseClaim } from '../../src/claim/load.ts';

const facts: PackageFacts = {
  release: 'bookworm',
  suites: ['bookworm', 'bookworm-security'],
  source: {
    name: 'heron',
    version: '1:2.4-3+deb12u1',
    fields: parseStanza(`Build-Depends: debhelper-compat (= 13),
 libx-dev [amd64] <!nocheck>
Build-Depends-Indep: doc-tool
Build-Depends-Arch: as-tool
Build-Conflicts: bad-tool`),
  },
  packages: [{ name: 'heron', version: '1:2.4-3+deb12u1', arch: 'amd64' }],
  platform: 'linux/amd64',
};
const options = { check: false, only: false };

test('architecture-dependent packages are built as the build machines do', () => {
  const claim = debianClaim(facts, options);
  expect(claim.build).toMatchObject({
    dir: '/build/reproducible-path/heron-2.4',
    run: 'dpkg-buildpackage -us -uc -rfakeroot -B',
    env: { DEB_BUILD_OPTIONS: 'nocheck parallel=4' },
  });
  expect(claim.artifacts[0]).toMatchObject({ path: '../heron_2.4-3+deb12u1_amd64.deb' });
  expect(claim.toolchain).toMatchObject({
    packages: [
      '?essential',
      '?priority(required)',
      'build-essential',
      'fakeroot',
      'debhelper-compat (= 13)',
      'libx-dev [amd64] <!nocheck>',
      'as-tool',
      '!bad-tool',
    ],
  });
});

test('packages for all architectures alone need only their own dependencies', () => {
  const claim = debianClaim(
    { ...facts, packages: [{ name: 'heron-doc', version: '1:2.4-3+deb12u1', arch: 'all' }] },
    options,
  );
  expect(claim.build.run).toMatch(/-A$/);
  expect(claim.toolchain).toMatchObject({ packages: expect.arrayContaining(['doc-tool']) });
  expect(claim.toolchain).not.toMatchObject({ packages: expect.arrayContaining(['as-tool']) });
});

test('--check runs the tests', () => {
  expect(debianClaim(facts, { check: true, only: false }).build.env['DEB_BUILD_OPTIONS']).toBe('parallel=4');
});

test('an inferred claim is one that init can keep', () => {
  const claim = debianClaim(
    { ...facts, binNmu: 'heron (1) x; urgency=low, binary-only=yes\n\n  * y\n\n -- A <a@b>  z\n' },
    options,
  );
  expect(parseClaim(writeClaim(claim), 'samesource.yaml')).toEqual(claim);
});

const entry = `libcap2 (1:2.66-4+deb12u3+b1) bookworm; urgency=low, binary-only=yes

  * Binary-only non-maintainer upload for amd64; no source changes.
  * Rebuild against newer glibc

 -- a build machine <buildd@machine.example>  Sat, 09 May 2026 10:00:00 +0000
`;

test('the entry of a rebuild is taken from the top', () => {
  expect(firstEntry(`${entry}\nlibcap2 (1:2.66-4) unstable; urgency=medium\n`, 'libcap2', '1:2.66-4+deb12u3+b1')).toBe(
    entry,
  );
});

test.each([
  ['another version', entry, 'libcap2', '1:2.66-4+deb12u3+b2'],
  ['another source', entry, 'libcap3', '1:2.66-4+deb12u3+b1'],
  ['no rebuild', entry.replace(', binary-only=yes', ''), 'libcap2', '1:2.66-4+deb12u3+b1'],
  ['a control character', entry.replace('newer', '\u001b[2Jnewer'), 'libcap2', '1:2.66-4+deb12u3+b1'],
  ['no end', entry.slice(0, 120), 'libcap2', '1:2.66-4+deb12u3+b1'],
])('an entry with %s is not taken', (_, text, source, version) => {
  expect(firstEntry(text, source, version)).toBeUndefined();
});

test.each([
  ['damaged', [Buffer.from('1f8b0800', 'hex'), Buffer.from('no deflate stream')]],
  ['longer than any entry', [gzipSync(Buffer.alloc(1024 * 1024))]],
])('a changelog that is %s is refused', async (_, packed) => {
  await expect(changelogText(packed)).rejects.toMatchObject({ code: 'archive-unsafe' });
});

test('a changelog is unpacked', async () => {
  expect(await changelogText([gzipSync(entry)])).toBe(entry);
});
