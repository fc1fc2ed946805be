import { expect, test, vi } from 'vitest';
import { inferClaim } from '../../src/pipeline/infer.ts';
import type { Claim } from '../../src/model/claim.ts';
import { codeOf } from '../source/fixture.ts';
import { contextFor, serveArchive, sourceStanza, type Archive } from '../registry/debian/archive-fixture.ts';

vi.mock('../../src/registry/debian/keys.ts', async () => {
  const { archiveKey } = await import('../registry/debian/archive-fixture.ts');
  return { debianArchiveKeys: [archiveKey] };
});

const packages = [
  { name: 'plover', version: '2.1-1', suite: 'bookworm' },
  { name: 'plover-doc', version: '2.1-1', suite: 'bookworm', source: 'plover', arch: 'all' },
  { name: 'plover', version: '2.1-1+deb12u1', suite: 'bookworm-security' },
  { name: 'plover', version: '3.0-1', suite: 'trixie' },
  { name: 'dunlin', version: '1', suite: 'bookworm-updates', source: 'shore (1-0)' },
];

async function archive(): Promise<Archive> {
  return serveArchive(packages, {
    bookworm: sourceStanza('plover', '2.1-1'),
    'bookworm-security': sourceStanza('plover', '2.1-1+deb12u1'),
    'bookworm-updates': sourceStanza('shore', '1-0'),
    trixie: sourceStanza('plover', '3.0-1'),
  });
}

const options = { check: false, only: false };
async function infer(purl: string, more = options): Promise<Claim> {
  return inferClaim(purl, await contextFor(await archive()), more);
}
const released = (claim: Claim): string[] => claim.artifacts.map((one) => one.path);

test('without a version, what the named suite has now, with everything from the same build', async () => {
  const claim = await infer('pkg:deb/debian/plover?distro=bookworm');
  expect(released(claim)).toEqual(['../plover_2.1-1_amd64.deb', '../plover-doc_2.1-1_all.deb']);
  expect(claim.build.run).toMatch(/-b$/);
  expect(claim.toolchain).toMatchObject({ suites: ['bookworm'] });
});

test('--only takes the named package alone', async () => {
  expect(released(await infer('pkg:deb/debian/plover?distro=bookworm', { ...options, only: true }))).toEqual([
    '../plover_2.1-1_amd64.deb',
  ]);
});

test('a version is found in whichever suite has it, and built with that suite', async () => {
  const claim = await infer('pkg:deb/debian/plover@2.1-1%2Bdeb12u1');
  expect(released(claim)).toEqual(['../plover_2.1-1+deb12u1_amd64.deb']);
  expect(claim.toolchain).toMatchObject({ suites: ['bookworm', 'bookworm-security'] });
});

test('neither version nor release: the newest stable release', async () => {
  expect((await infer('pkg:deb/debian/plover')).name).toBe('plover 3.0-1 (Debian trixie, amd64)');
});

test('a suite can be named as the release', async () => {
  expect((await infer('pkg:deb/debian/plover?distro=bookworm-security')).name).toContain('2.1-1+deb12u1');
});

test('a source has another name than its package, and can be named too', async () => {
  expect((await infer('pkg:deb/debian/dunlin')).source).toMatchObject({ package: 'shore', version: '1-0' });
  expect(released(await infer('pkg:deb/debian/shore'))).toEqual(['../dunlin_1_amd64.deb']);
});

test.each([
  ['an unknown name', 'pkg:deb/debian/godwit', 'artifact-unavailable'],
  ['an unknown version', 'pkg:deb/debian/plover@9', 'artifact-unavailable'],
  ['an architecture that the package is not for', 'pkg:deb/debian/plover-doc?arch=amd64', 'artifact-unavailable'],
  ['an architecture that no toolchain is assembled for', 'pkg:deb/debian/plover?arch=m68k', 'unsupported'],
  ['an unknown release', 'pkg:deb/debian/plover?distro=potato', 'usage'],
  ['an unknown qualifier', 'pkg:deb/debian/plover?flavour=sour', 'usage'],
  ['the source itself', 'pkg:deb/debian/plover?arch=source', 'usage'],
  ['another distribution', 'pkg:deb/ubuntu/plover', 'unsupported'],
  ['another ecosystem', 'pkg:gem/plover', 'unsupported'],
])('%s', async (_, purl, code) => {
  expect(await codeOf(infer(purl))).toBe(code);
});
