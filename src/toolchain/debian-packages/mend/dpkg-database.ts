import { file, type InstalledPackage, type Mend, type RootView } from './types.ts';

/**
 * The database of dpkg: what is installed, and which file belongs to what. dpkg-checkbuilddeps,
 * dpkg-shlibdeps and debhelper read it.
 */
export function dpkgDatabase(root: RootView): Mend[] {
  const sorted = root.packages.toSorted((a, b) => (a.name < b.name ? -1 : 1));
  return [
    file('var/lib/dpkg/status', sorted.map(statusStanza).join('\n')),
    file('var/lib/dpkg/info/format', '1\n'),
    ...['available', 'diversions', 'statoverride'].map((name) => file(`var/lib/dpkg/${name}`, '')),
    { kind: 'directory', path: 'var/lib/dpkg/updates', mode: 0o755 },
    { kind: 'directory', path: 'var/lib/dpkg/triggers', mode: 0o755 },
    ...sorted.flatMap(infoFiles),
  ];
}

function statusStanza(one: InstalledPackage): string {
  const control = one.script('control') ?? '';
  return control.trimEnd().replace(/^Package: .*$/m, '$&\nStatus: install ok installed') + '\n';
}

function infoFiles(one: InstalledPackage): Mend[] {
  const multiarch = one.control.get('multi-arch') === 'same';
  const name = multiarch ? `${one.name}:${one.arch}` : one.name;
  const list = ['/.', ...one.entries.map((entry) => entry.shipped)].join('\n');
  return [
    file(`var/lib/dpkg/info/${name}.list`, `${list}\n`),
    ...one.controlFiles
      .filter((kind) => kind !== 'control')
      .map((kind) =>
        file(`var/lib/dpkg/info/${name}.${kind}`, one.script(kind) ?? '', scripts.has(kind) ? 0o755 : 0o644),
      ),
  ];
}

const scripts = new Set(['preinst', 'postinst', 'prerm', 'postrm', 'config']);
