/** Pulls from a registry (OCI distribution-spec 1.1, "Pull"): everything by digest, all of it checked. */
import { documentLimit, mediaTypes } from '../../format/oci.ts';
import type { Context } from '../../store/context.ts';
import { obtain } from '../../store/download.ts';
import { openSession } from './session.ts';
import type { Reference } from './reference.ts';
import type { ImageParts } from './types.ts';

/**
 * The parts of an image in a registry. Its functions throw `digest-mismatch` or `too-large` for other
 * bytes than were named, `unreachable` or `toolchain-unavailable` where there are none.
 */
export function registryParts(ctx: Context, from: Reference): ImageParts {
  const repository = `/v2/${from.name}`;
  const session = openSession(ctx, from, `${repository}/manifests/sha256:${from.digest}`);
  const stored = (digest: Reference['digest']): ReturnType<Context['store']['get']> => ctx.store.get(digest);

  return {
    async document(digest) {
      const accept = [...mediaTypes.manifest, ...mediaTypes.index].join(', ');
      return (
        (await stored(digest)) ??
        obtain(ctx, {
          what: `manifest of ${from.registry}/${from.name}`,
          urls: [`${session.origin}${repository}/manifests/sha256:${digest}`],
          sha256: digest,
          limit: documentLimit,
          headers: { accept, ...(await session.headers()) },
        })
      );
    },
    async blob({ digest, size }) {
      return (
        (await stored(digest)) ??
        obtain(ctx, {
          what: `layer of ${from.registry}/${from.name}`,
          urls: [`${session.origin}${repository}/blobs/sha256:${digest}`],
          sha256: digest,
          size,
          headers: await session.headers(),
        })
      );
    },
  };
}
