/** The text of an index such as `main/binary-amd64/Packages`, through the digests in `InRelease`. */
import { createReadStream, createWriteStream } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Sha256 } from '../../model/digest.ts';
import { SamesourceError } from '../../model/error.ts';
import { decompress, type Compression } from '../../format/compression.ts';
import { hashFile } from '../../platform/digest.ts';
import type { Context } from '../../store/context.ts';
import { obtain } from '../../store/download.ts';
import type { Blob } from '../../store/store.ts';
import { archiveOf, mirrorUrl } from './archive.ts';
import { perRun } from './per-run.ts';
import type { SuiteRelease } from './release.ts';

export interface IndexText {
  /** Digest of the uncompressed index, as named in `InRelease`. */
  readonly sha256: Sha256;
  readonly text: string;
}

const forms: readonly (readonly [string, Compression])[] = [
  ['.xz', 'xz'],
  ['.gz', 'gzip'],
  ['', 'none'],
];

/** @throws SamesourceError `unreachable`, `digest-mismatch`; `unsupported` if the suite has no such index */
export function openIndex(release: SuiteRelease, path: string, ctx: Context): Promise<IndexText> {
  return perRun(ctx, `index ${release.suite} ${path}`, () => readIndex(release, path, ctx));
}

async function readIndex(release: SuiteRelease, path: string, ctx: Context): Promise<IndexText> {
  const plain = release.files.get(path);
  if (plain === undefined) throw new SamesourceError('unsupported', `${release.suite} has no index ${path}`);
  const stored = (await ctx.store.get(plain.sha256)) ?? (await fetchIndex(release, path, plain, ctx));
  return { sha256: plain.sha256, text: (await readFile(stored.path)).toString() };
}

async function fetchIndex(
  release: SuiteRelease,
  path: string,
  plain: { readonly sha256: Sha256; readonly size: number },
  ctx: Context,
): Promise<Blob> {
  const form = forms.find(([suffix]) => release.files.has(path + suffix)) ?? forms[2];
  const [suffix, kind] = form ?? ['', 'none' as const];
  const listed = release.files.get(path + suffix) ?? plain;
  const dists = `dists/${release.suite}`;
  const directory = path.slice(0, path.lastIndexOf('/'));
  const archive = archiveOf(release.suite);
  const packed = await obtain(ctx, {
    what: `${path} of ${release.suite}`,
    urls: [
      mirrorUrl(ctx, archive, `${dists}/${directory}/by-hash/SHA256/${listed.sha256}`),
      mirrorUrl(ctx, archive, `${dists}/${path}${suffix}`),
    ],
    ...listed,
  });
  if (kind === 'none') return packed;
  await using work = await ctx.store.temporary('index');
  const unpacked = join(work.path, 'index');
  await pipeline(
    Readable.from(decompress(kind, createReadStream(packed.path), { bytes: plain.size })),
    createWriteStream(unpacked),
  );
  const got = await hashFile(unpacked);
  if (got.sha256 !== plain.sha256) {
    throw new SamesourceError(
      'digest-mismatch',
      `sha256 of ${path} of ${release.suite}: expected ${plain.sha256}, got ${got.sha256}`,
    );
  }
  return await ctx.store.adopt(unpacked, plain.sha256);
}
