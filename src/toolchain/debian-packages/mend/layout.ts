import { link, type Mend, type RootView } from './types.ts';

const directories: readonly (readonly [string, number])[] = [
  ...[
    'proc',
    'sys',
    'dev',
    'run',
    'run/lock',
    'root',
    'mnt',
    'opt',
    'srv',
    'home',
    'build',
    'etc',
    'var/lib',
    'var/log',
    'var/cache',
  ].map((path) => [path, 0o755] as const),
  ...['bin', 'sbin', 'lib', 'include', 'share', 'src'].map((name) => [`usr/local/${name}`, 0o755] as const),
  ['tmp', 0o1777],
  ['var/tmp', 0o1777],
];

/** The merged-usr links, mount points and directories that base-files' postinst makes. */
export function layout(root: RootView): Mend[] {
  const merged = ['bin', 'sbin', 'lib', 'lib32', 'lib64', 'libx32'].filter(
    (name) => root.below(`usr/${name}`).length > 0,
  );
  return [
    ...directories.map(([path, mode]): Mend => ({ kind: 'directory', path, mode })),
    ...merged.map((name) => link(name, `usr/${name}`)),
    ...(root.has('var/run') ? [] : [link('var/run', '/run')]),
    ...(root.has('var/lock') ? [] : [link('var/lock', '/run/lock')]),
  ];
}
