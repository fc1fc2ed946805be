import { file, type Mend, type RootView } from './types.ts';

/** Users and groups as base-passwd's postinst makes them, and the one that builds run as. */
export function accounts(root: RootView): Mend[] {
  const passwd = root.read('usr/share/base-passwd/passwd.master') ?? 'root:*:0:0:root:/root:/bin/bash\n';
  const group = root.read('usr/share/base-passwd/group.master') ?? 'root:*:0:\n';
  const shadowed = (text: string): string => text.replaceAll(/^([^:]*):\*:/gm, '$1:x:');
  return [
    file('etc/passwd', `${shadowed(passwd)}build:x:1000:1000:build:/nonexistent:/bin/sh\n`),
    file('etc/group', `${shadowed(group)}build:x:1000:\n`),
  ];
}
