/** Debian packages: source, build dependencies and build path from the archive's own indexes. */
import { binNmu } from '../../format/debian-version.ts';
import { SamesourceError } from '../../model/error.ts';
import { findSources, sourceOf } from '../../registry/debian/packages.ts';
import type { Inference } from '../types.ts';
import { rebuildEntry } from './bin-nmu.ts';
import { debianClaim } from './claim.ts';
import { findPackage, siblingsOf } from './find.ts';

export const debianInference: Inference = {
  async infer(purl, ctx, options) {
    const found = await findPackage(purl, ctx);
    const { named, release } = found;
    const packages = options.only ? [named] : siblingsOf(found);
    const suites = named.suite === release ? [release] : [release, named.suite];
    const { name, version } = sourceOf(named);
    const source = (await findSources(name, suites, ctx)).find((one) => one.version === version);
    if (source === undefined) {
      throw new SamesourceError(
        'source-unavailable',
        `source ${name} ${version} of ${named.name} is not in ${suites.join(', ')}`,
      );
    }
    const entry = binNmu(named.version) === undefined ? {} : { binNmu: await rebuildEntry(name, packages, ctx) };
    return debianClaim({ release, suites, source, packages, platform: ctx.platform, ...entry }, options);
  },
};
