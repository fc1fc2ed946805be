import { recode } from '../model/error.ts';
import type { ArtifactLock } from '../model/lock.ts';
import type { Context } from '../store/context.ts';
import { obtain } from '../store/download.ts';
import type { FetchedRelease } from './types.ts';

/** A released file by its locked digest, with where and when it was first obtained. */
export async function fetchLocked(lock: ArtifactLock, ctx: Context): Promise<FetchedRelease> {
  const { released, urls, sha256, size } = lock;
  const vouchedBy =
    released.kind === 'debian' ? `Packages, signed InRelease of ${released.suites.join(', ')}` : undefined;
  const blob = await obtain(ctx, {
    what: nameOf(lock),
    urls,
    sha256,
    size,
    ...(vouchedBy === undefined ? {} : { vouchedBy }),
  }).catch((error: unknown) => {
    throw recode(error, 'artifact-unavailable', 'fetching the released file');
  });
  const from = (await ctx.store.origin(sha256)) ?? { urls, fetchedAt: ctx.now().toISOString() };
  return { blob, from };
}

function nameOf(lock: ArtifactLock): string {
  return lock.urls[0]?.split('/').at(-1) ?? lock.path;
}
