/** The digest of a root: of its layers, never of the unpacked tree. */
import { sha256Of } from '../../platform/digest.ts';
import type { Sha256 } from '../../model/digest.ts';
import type { PackageLock } from '../../model/lock.ts';
import type { Mend } from './mend/types.ts';

/** One line for each package, in the order of unpacking, then one for each mend, by path. */
export function rootDigest(packages: readonly PackageLock[], mends: readonly Mend[]): Sha256 {
  const lines = [
    'samesource debian root 1',
    ...packages.map((one) => `deb ${one.sha256} ${one.name} ${one.version} ${one.arch}`),
    ...mends.map(mendLine).toSorted(),
  ];
  return sha256Of(lines.join('\n'));
}

function mendLine(mend: Mend): string {
  switch (mend.kind) {
    case 'directory':
      return `directory ${mend.path} ${mend.mode.toString(8)}`;
    case 'link':
      return `link ${mend.path} ${mend.target}`;
    case 'file':
      return `file ${mend.path} ${mend.mode.toString(8)} ${sha256Of(mend.content)}`;
  }
}
