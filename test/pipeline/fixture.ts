/** Claims over a small root of host programs, built by the real engine and compared for real. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { ArtifactClaim, Claim } from '../../src/model/claim.ts';
import type { Verdict } from '../../src/model/verdict.ts';
import { tarEnd, tarHeader, tarPadding } from '../../src/format/tar.ts';
import { sha256Of } from '../../src/platform/digest.ts';
import { lockClaim } from '../../src/pipeline/lock.ts';
import { verify } from '../../src/pipeline/verify.ts';
import { engines } from '../../src/engine/index.ts';
import { recordDirectories } from '../../src/toolchain/directories.ts';
import { exportRoot } from '../../src/toolchain/export.ts';
import { sha256 } from '../../src/model/digest.ts';
import type { Context } from '../../src/store/context.ts';
import { context, copyProgram, platform, remove, scratch, smallRoot } from '../engine/support.ts';

/** Why nothing can be built here, if so. */
export const lacking = await reasonNotToBuild();

async function reasonNotToBuild(): Promise<string | undefined> {
  const base = scratch('probe');
  try {
    const probe = await engines.bubblewrap.probe(await context(base));
    return probe.fails?.why;
  } finally {
    remove(base);
  }
}

export interface Bench {
  readonly ctx: Context;
  readonly base: string;
  /** A claim whose image, source and released files are all made here. */
  claim(
    run: string,
    released: Readonly<Record<string, string>>,
    more?: Partial<Pick<Claim, 'build' | 'source'>>,
  ): Claim;
  verify(claim: Claim, ctx?: Context): Promise<Verdict>;
}

export const sourceTree: Readonly<Record<string, string>> = {
  'quince-2.0/fruit.txt': 'quince\n',
  'quince-2.0/make.sh': 'cat fruit.txt\n',
};

/** One bench for a test file: exporting the root takes a moment. */
export async function openBench(): Promise<Bench> {
  const base = scratch('bench');
  const ctx = await context(base);
  const image = await exportSmallRoot(base, ctx);
  writeFileSync(join(base, 'quince-2.0.tar'), tarOf(sourceTree));
  const source: Claim['source'] = {
    kind: 'archive',
    url: 'quince-2.0.tar',
    sha256: sha256Of(tarOf(sourceTree)),
    strip: 1,
  };
  return {
    ctx,
    base,
    claim: (run, released, more = {}) => ({
      claim: 1,
      name: 'quince 2.0',
      source,
      toolchain: { kind: 'image', image, platform },
      build: { dir: '/build/quince', env: {}, run, limits },
      artifacts: Object.entries(released).map(([path, content]) => releasedFile(base, path, content)),
      reviews: [],
      ...more,
    }),
    verify: async (claim, using = ctx) => verify(claim, await lockClaim(claim, using), using, { version: '0.0.0' }),
  };
}

export const limits = { seconds: 60, memoryBytes: 512 * 1024 ** 2, processes: 128, diskBytes: 64 * 1024 ** 2 };

function releasedFile(base: string, path: string, content: string): ArtifactClaim {
  const file = join('released', path);
  mkdirSync(join(base, dirname(file)), { recursive: true });
  writeFileSync(join(base, file), content, 'latin1');
  return { path, released: { kind: 'file', path: file }, allow: [] };
}

async function exportSmallRoot(base: string, ctx: Context): Promise<string> {
  const tree = join(base, 'small-root');
  smallRoot(tree);
  for (const name of ['chmod', 'cp', 'touch', 'mv', 'date']) copyProgram(tree, name);
  await recordDirectories(tree);
  const identity = { kind: 'image', platform, digest: sha256('0'.repeat(64)), summary: 'small' } as const;
  const path = join(base, 'layout');
  const { manifest } = await exportRoot({ tree, env: {}, identity }, { path, form: 'layout' }, ctx);
  return `oci:layout@sha256:${manifest}`;
}

/** A plain tar of text files. */
export function tarOf(files: Readonly<Record<string, string>>, mtime = 1_600_000_000): Buffer {
  const parts = Object.entries(files).flatMap(([path, content]) => {
    const body = Buffer.from(content, 'latin1');
    const header = tarHeader({
      path,
      type: 'file',
      mode: 0o644,
      uid: 0,
      gid: 0,
      uname: '',
      gname: '',
      size: body.length,
      mtime,
      link: '',
    });
    return [header, body, tarPadding(body.length)];
  });
  return Buffer.concat([...parts, tarEnd]);
}
