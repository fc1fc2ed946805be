import { file, link, type Mend, type RootView } from './types.ts';

const copies: readonly (readonly [string, string])[] = [
  ['etc/nsswitch.conf', 'usr/share/base-files/nsswitch.conf'],
  ['etc/profile', 'usr/share/base-files/profile'],
];

/** Settings that base-files, libc-bin and tzdata write when they are configured. */
export function settings(root: RootView): Mend[] {
  const copied = copies.flatMap(([path, from]) => {
    const content = root.read(from);
    return content === undefined || root.has(path) ? [] : [file(path, content)];
  });
  return [
    ...copied,
    file('etc/hosts', '127.0.0.1\tlocalhost samesource\n::1\tlocalhost\n'),
    file('etc/hostname', 'samesource\n'),
    file('etc/timezone', 'Etc/UTC\n'),
    file('etc/environment', ''),
    link('etc/localtime', '/usr/share/zoneinfo/Etc/UTC'),
    link('etc/mtab', '../proc/self/mounts'),
  ];
}
