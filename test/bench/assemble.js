/**
 * Assembling a root with a C compiler from packages that lie on the disk: ours, against mmdebstrap
 * with `--variant=minbase --include=gcc,libc6-dev,make`. Both make a directory of the same packages
 * (essential ones, those of priority required, apt, and what is asked for). mmdebstrap has them in a
 * local archive whose index lists only them (`copy:`, not signed), so that it neither downloads,
 * nor checks a signature, nor reads a large index. It runs the packages' scripts, we do not. We start
 * without unpacked packages, as it does.
 */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, linkSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { loadClaim } from '../../dist/claim/load.js';
import { readLock } from '../../dist/claim/lock-file.js';
import { prepareToolchain } from '../../dist/pipeline/stages.js';
import { debianArch } from '../../dist/registry/debian/archive.js';
import { openPackages } from '../../dist/registry/debian/packages.js';
import { httpClient } from '../../dist/platform/http.js';
import { line, race } from './measure.js';
import { makeClaim, offline, samesource } from './samesource.js';

const title = 'assembling a root with gcc, libc6-dev and make';
const assembleProgram = fileURLToPath(new URL('programs/assemble.js', import.meta.url));
/** Without these, its dpkg flushes every file to the disk, and bookworm's own packages refuse the layout. */
const mmdebstrapOptions = [
  '--quiet',
  '--mode=root',
  '--variant=minbase',
  '--include=gcc,libc6-dev,make',
  '--dpkgopt=force-unsafe-io',
  '--hook-dir=/usr/share/mmdebstrap/hooks/merged-usr',
];
const packages = ['?essential', '?priority(required)', 'apt', 'gcc', 'libc6-dev', 'make'];

export async function assemble(dir) {
  const lacking = whyNot();
  if (lacking !== undefined) return { title, skipped: lacking };
  const store = join(dir, 'store');
  const claim = makeClaim(join(dir, 'claim'), { packages, files: { Makefile: '' }, released: 'nothing' });
  const locked = samesource(['--store', store, 'lock', claim]);
  if (locked.failed !== undefined) return { title, skipped: locked.failed };
  const archive = join(dir, 'archive');
  await offline(store, async (ctx) => {
    const lock = await readLock(claim, await loadClaim(claim));
    await prepareToolchain(lock, { ...ctx, http: httpClient(process.env) });
    await writeArchive(archive, lock.toolchain, ctx);
  });
  const target = join(dir, 'mmdebstrap');
  const [ours, theirs] = race(
    [
      {
        name: 'samesource',
        file: process.execPath,
        args: [assembleProgram, store, claim],
        before: () => forgetTrees(store),
      },
      {
        name: 'mmdebstrap',
        file: 'mmdebstrap',
        args: [...mmdebstrapOptions, 'bookworm', target, `deb [trusted=yes] copy:${archive} bookworm main`],
        before: () => rmSync(target, { recursive: true, force: true }),
      },
    ],
    3,
  );
  const counts = [JSON.parse(ours.stdout).tree, target].map(countPackages);
  if (counts[0] !== counts[1]) throw new Error(`not the same packages: ${counts.join(' and ')}`);
  return {
    title: `${title}, ${counts[0]} packages`,
    runs: [ours, theirs],
    lines: [line('time, against mmdebstrap', ours.seconds / theirs.seconds, '<', 1)],
  };
}

function whyNot() {
  if (process.getuid?.() !== 0) return 'mmdebstrap --mode=root needs root';
  if (spawnSync('mmdebstrap', ['--version']).status !== 0) return 'mmdebstrap is not installed';
  return undefined;
}

/** Only downloads are kept. */
function forgetTrees(store) {
  const trees = join(store, 'trees');
  for (const name of readdirSync(trees)) rmSync(join(trees, name), { recursive: true, force: true });
}

function countPackages(tree) {
  if (!existsSync(join(tree, 'usr/bin/gcc'))) throw new Error(`${tree} has no gcc`);
  const status = readFileSync(join(tree, 'var/lib/dpkg/status'), 'utf8');
  return [...status.matchAll(/^Status: install ok (?:installed|unpacked)$/gm)].length;
}

/** An archive of the locked packages as apt reads it, with the fields of the real index. */
async function writeArchive(archive, toolchain, ctx) {
  const arch = debianArch(toolchain.platform);
  const index = await openPackages(['bookworm'], arch, ctx);
  const section = `main/binary-${arch}`;
  mkdirSync(join(archive, 'dists/bookworm', section), { recursive: true });
  mkdirSync(join(archive, 'pool'));
  const stanzas = toolchain.packages.map((one) => {
    const name = `${one.name}_${one.arch}.deb`;
    linkSync(ctx.store.blobPath(one.sha256), join(archive, 'pool', name));
    const found = index.named(one.name).find(({ version }) => version === one.version);
    const lines = [...found.fields].filter(([, value]) => !value.includes('\n'));
    return lines.map(([key, value]) => `${key}: ${key === 'filename' ? `pool/${name}` : value}\n`).join('');
  });
  const list = stanzas.join('\n');
  writeFileSync(join(archive, 'dists/bookworm', section, 'Packages'), list);
  const sha256 = createHash('sha256').update(list).digest('hex');
  const release = [
    'Suite: stable',
    'Codename: bookworm',
    `Architectures: ${arch}`,
    'Components: main',
    'SHA256:',
    ` ${sha256} ${Buffer.byteLength(list)} ${section}/Packages`,
  ];
  writeFileSync(join(archive, 'dists/bookworm/Release'), `${release.join('\n')}\n`);
}
