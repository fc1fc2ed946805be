/** A file at an address. Without a digest in the claim, what is served when the claim is locked counts. */
import type { UrlRelease } from '../model/claim.ts';
import { recode } from '../model/error.ts';
import { download, obtain } from '../store/download.ts';
import { fetchLocked } from './fetch-locked.ts';
import type { Release } from './types.ts';

export const urlRelease: Release<UrlRelease> = {
  async resolve(artifact, ctx) {
    const { url } = artifact.released;
    try {
      const wanted = { what: url, url };
      const blob =
        artifact.sha256 === undefined
          ? (await download(ctx, wanted)).blob
          : await obtain(ctx, { what: url, urls: [url], sha256: artifact.sha256 });
      return { path: artifact.path, released: artifact.released, urls: [url], sha256: blob.sha256, size: blob.size };
    } catch (error) {
      throw recode(error, 'artifact-unavailable', 'fetching the released file');
    }
  },

  fetch: (lock, ctx) => fetchLocked(lock, ctx),
};
