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
  return `${root.replace(/\/+$/, '')}/${encodePath(path)}`;
}

/** The mirror's address and then the snapshot archive's, which has every file by path and time. */
export function poolUrls(ctx: Context, file: Pick<PoolFile, 'archive' | 'path' | 'seen'>): string[] {
  const snapshot = ctx.settings.snapshot.replace(/\/+$/, '');
  return [
    mirrorUrl(ctx, file.archive, file.path),
    `${snapshot}/archive/${file.archive}/${file.seen}/${encodePath(file.path)}`,
  ];
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

/**
 * Snapshot time for a `Date` of `InRelease`: a day later, because snapshots are taken after the
 * archive was published.
 */
export function snapshotTime(date: string): string {
  const time = Date.parse(date);
  const later = new Date((Number.isNaN(time) ? 0 : time) + 24 * 3600 * 1000);
  return later.toISOString().replaceAll(/[-:]|\.\d+/g, '');
}

export function debianArch(platform: string): string {
  return platform.replace(/^linux\//, '');
}

/** A plus sign is a letter like any other in a path, and common in Debian's versions. */
function encodePath(path: string): string {
  return encodeURIComponent(path).replaceAll('%2F', '/').replaceAll('%2B', '+');
}
