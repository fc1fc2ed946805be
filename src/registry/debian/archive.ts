/** Where the files of a Debian suite are: mirrors, and the snapshot archive as the last resort. */
import { SamesourceError } from '../../model/error.ts';
import type { PoolFile } from '../../model/lock.ts';
import type { Context } from '../../store/context.ts';
import { obtain } from '../../store/download.ts';
import type { Blob } from '../../store/store.ts';

/** Releases whose packages can be verified by name, newest stable first. */
export const releases = ['trixie', 'bookworm'] as const;

/** The suites of a release that hold what users get: main archive, updates, security. */
export function suitesOf(release: string): string[] {
  return [release, `${release}-updates`, `${release}-security`];
}

export function archiveOf(suite: string): 'debian' | 'debian-security' {
  return suite.endsWith('-security') ? 'debian-security' : 'debian';
}

/** Address of a path below a suite's archive. */
export function mirrorUrl(ctx: Context, archive: string, path: string): string {
  const root = ctx.settings.mirrors[archive];
  if (root === undefined) {
    throw new SamesourceError('usage', `no mirror is known for the archive "${archive}"`, {
      hint: `give one: --mirror ${archive}=URL`,
    });
  }
  return `${root.replace(/\/+$/, '')}/${path.split('/').map(encodeURIComponent).join('/')}`;
}

/** The mirror's address and then the snapshot archive's, which has every file by its SHA-1 or by time. */
export function poolUrls(ctx: Context, file: Pick<PoolFile, 'archive' | 'path'>): string[] {
  const snapshot = ctx.settings.snapshot.replace(/\/+$/, '');
  const stamp = ctx
    .now()
    .toISOString()
    .replaceAll(/[-:]|\.\d+/g, '');
  return [mirrorUrl(ctx, file.archive, file.path), `${snapshot}/archive/${file.archive}/${stamp}/${file.path}`];
}

/** A pool file by its locked digest, from the store, the mirror or the snapshot archive. */
export async function obtainPoolFile(ctx: Context, file: PoolFile, vouchedBy?: string): Promise<Blob> {
  return obtain(ctx, {
    what: file.name,
    urls: poolUrls(ctx, file),
    sha256: file.sha256,
    size: file.size,
    ...(vouchedBy === undefined ? {} : { vouchedBy }),
  });
}

export function debianArch(platform: string): string {
  return platform.replace(/^linux\//, '');
}
