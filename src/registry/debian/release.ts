/** A suite's signed `InRelease` and the indexes that it vouches for. */
import { rename, writeFile } from 'node:fs/promises';
import { readFile } from 'node:fs/promises';
import { sha256, type Sha256 } from '../../model/digest.ts';
import { recode, SamesourceError } from '../../model/error.ts';
import { fieldRows, parseStanza } from '../../format/deb822.ts';
import { verifyClearSigned } from '../../format/openpgp.ts';
import { sha256Of } from '../../platform/digest.ts';
import { exists } from '../../platform/files.ts';
import type { Context } from '../../store/context.ts';
import { download } from '../../store/download.ts';
import { pageName } from '../../store/store.ts';
import { archiveOf, mirrorUrl } from './archive.ts';
import { debianArchiveKeys } from './keys.ts';
import { perRun } from './per-run.ts';

export interface SuiteRelease {
  readonly suite: string;
  /** The `Date` field. */
  readonly date: string;
  readonly inRelease: Sha256;
  /** Fingerprints of the archive keys whose signatures are good. */
  readonly signedBy: readonly string[];
  /** Indexes by path below `dists/SUITE/`. */
  readonly files: ReadonlyMap<string, { readonly sha256: Sha256; readonly size: number }>;
}

const inReleaseLimit = 16 * 1024 * 1024;

/**
 * Fetches and verifies `InRelease`. Without network the last one that was verified here serves.
 * @throws SamesourceError `signature-invalid` unless an archive key signed it
 */
export function openRelease(suite: string, ctx: Context): Promise<SuiteRelease> {
  return perRun(ctx, `release ${suite}`, () => readRelease(suite, ctx));
}

async function readRelease(suite: string, ctx: Context): Promise<SuiteRelease> {
  const text = await currentInRelease(suite, ctx);
  const { payload, signers } = await verifyClearSigned(text, debianArchiveKeys);
  if (signers.length === 0) {
    throw new SamesourceError(
      'signature-invalid',
      `InRelease of ${suite}: no signature by a known Debian archive key`,
      {
        hint: 'the mirror may be wrong or tampered with; choose another one with --mirror',
      },
    );
  }
  const fields = parseStanza(payload);
  requireName(suite, fields);
  requireFresh(suite, fields.get('valid-until'), ctx);
  return {
    suite,
    date: fields.get('date') ?? '',
    inRelease: sha256Of(text),
    signedBy: signers.map((signer) => signer.fingerprint),
    files: new Map(
      fieldRows(fields.get('sha256')).flatMap(([digest, size, path]) =>
        digest === undefined || path === undefined
          ? []
          : [[path, { sha256: sha256(digest, path), size: Number(size) }]],
      ),
    ),
  };
}

/** A signed file of another suite must not be passed off as this one. */
function requireName(suite: string, fields: ReadonlyMap<string, string>): void {
  const names = [fields.get('codename'), fields.get('suite')];
  if (names.includes(suite)) return;
  throw new SamesourceError(
    'signature-invalid',
    `InRelease of ${suite}: signed for ${names.filter(Boolean).join(', ') || 'no suite'}`,
  );
}

/** Only security suites say until when they are valid; after that a mirror is withholding updates. */
function requireFresh(suite: string, validUntil: string | undefined, ctx: Context): void {
  if (validUntil === undefined) return;
  if (Date.parse(validUntil) >= ctx.now().getTime()) return;
  ctx.progress.note(`InRelease of ${suite} was valid until ${validUntil} only: the mirror may be behind`);
}

async function currentInRelease(suite: string, ctx: Context): Promise<string> {
  const url = mirrorUrl(ctx, archiveOf(suite), `dists/${suite}/InRelease`);
  const kept = ctx.store.path('pages', pageName(url));
  try {
    const { blob } = await download(ctx, { what: `InRelease of ${suite}`, url, limit: inReleaseLimit });
    const text = await readFile(blob.path, 'utf8');
    await writeFile(`${kept}.${process.pid}`, text);
    await rename(`${kept}.${process.pid}`, kept);
    return text;
  } catch (error) {
    const unreachable = error instanceof SamesourceError && error.code === 'unreachable';
    if (!unreachable || !(await exists(kept)))
      throw recode(error, 'artifact-unavailable', `reading the index of ${suite}`);
    ctx.progress.note(`the mirror cannot be reached: using the index of ${suite} that was fetched last`);
    return readFile(kept, 'utf8');
  }
}
