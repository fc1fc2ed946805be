/** A `.deb` from the archive, through signed InRelease, Packages and SHA-256. */
import type { DebianRelease } from '../model/claim.ts';
import { recode, SamesourceError } from '../model/error.ts';
import { debianArch, poolUrls } from '../registry/debian/archive.ts';
import { openPackages, packageLock } from '../registry/debian/packages.ts';
import { fetchLocked } from './fetch-locked.ts';
import type { Release } from './types.ts';

export const debianRelease: Release<DebianRelease> = {
  async resolve(artifact, ctx) {
    const { package: name, version, arch, suites } = artifact.released;
    const indexArch = arch === 'all' ? debianArch(ctx.platform) : arch;
    const index = await openPackages(suites, indexArch, ctx).catch((error: unknown) => {
      throw recode(error, 'artifact-unavailable', `looking up ${name}`);
    });
    const there = index.named(name);
    const found = there.find((one) => one.version === version && one.arch === arch);
    if (found === undefined) {
      const versions = there.map((one) => `${one.version} (${one.arch})`).join(', ') || 'none';
      throw new SamesourceError(
        'artifact-unavailable',
        `${name} ${version} (${arch}) is not in ${suites.join(', ')}; there is: ${versions}`,
      );
    }
    const file = packageLock(found);
    return {
      path: artifact.path,
      released: artifact.released,
      urls: poolUrls(ctx, file),
      sha256: file.sha256,
      size: file.size,
    };
  },

  fetch: (lock, ctx) => fetchLocked(lock, ctx),
};
