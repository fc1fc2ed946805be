import { link, type Mend, type RootView } from './types.ts';

/**
 * base-files' postinst makes this link. Without it `dpkg-buildflags` is empty, and every build
 * succeeds, with other bits.
 */
export function vendor(root: RootView): Mend[] {
  return root.has('etc/dpkg/origins/debian') ? [link('etc/dpkg/origins/default', 'debian')] : [];
}
