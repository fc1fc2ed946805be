import { expect, test } from 'vitest';
import { parseStanza } from '../../../src/format/deb822.ts';
import { mendingSteps } from '../../../src/toolchain/debian-packages/mend/index.ts';
import type { InstalledPackage, Mend, RootView } from '../../../src/toolchain/debian-packages/mend/types.ts';
import { isMergedTop, mergeUsr } from '../../../src/toolchain/debian-packages/package-tree.ts';
import { rootDigest } from '../../../src/toolchain/debian-packages/root-digest.ts';
import { sha256Of } from '../../../src/platform/digest.ts';

function view(files: Readonly<Record<string, string>>, packages: readonly InstalledPackage[] = []): RootView {
  const paths = Object.keys(files).toSorted();
  return {
    packages,
    has: (path) => path in files,
    below: (dir) => paths.filter((path) => path.startsWith(`${dir}/`)),
    read: (path) => files[path],
  };
}

function installed(name: string, scripts: Readonly<Record<string, string>>, more = ''): InstalledPackage {
  const control = `Package: ${name}\nVersion: 1\nArchitecture: amd64\n${more}`;
  const all: Record<string, string> = { control, ...scripts };
  return {
    name,
    arch: 'amd64',
    control: parseStanza(control),
    controlFiles: Object.keys(all),
    script: (kind) => all[kind],
    entries: [{ path: 'usr/lib/x', shipped: '/lib/x', type: 'file', mode: 0o644, mtime: 0, link: '' }],
  };
}

const links = (mends: readonly Mend[]): string[] =>
  mends.flatMap((mend) => (mend.kind === 'link' ? [`${mend.path} -> ${mend.target}`] : []));

test('alternatives are read from scripts, never run', () => {
  const gcc = installed('gcc', {
    postinst: `#!/bin/sh
prio=20
update-alternatives --quiet \\
  --install /usr/bin/cc cc /usr/bin/gcc $prio \\
  --slave /usr/share/man/man1/cc.1.gz cc.1.gz /usr/share/man/man1/gcc.1.gz
# update-alternatives --install /usr/bin/no no /usr/bin/gcc 99
update-alternatives --install /usr/bin/evil evil $(touch /tmp/pwned) 99
`,
  });
  const tcc = installed('tcc', { postinst: 'update-alternatives --install "/usr/bin/cc" "cc" "/usr/bin/tcc" 10\n' });
  const gone = installed('gone', { postinst: 'update-alternatives --install /usr/bin/cc cc /usr/bin/gone 90\n' });
  const root = view({ 'usr/bin/gcc': '', 'usr/bin/tcc': '' }, [tcc, gcc, gone]);
  expect(links(mendingSteps.alternatives(root))).toEqual([
    'usr/bin/cc -> /etc/alternatives/cc',
    'etc/alternatives/cc -> /usr/bin/gcc',
  ]);
});

test('programs of a JDK are linked as its script would', () => {
  const root = view({ 'usr/lib/jvm/java-17/bin/javac': '' });
  expect(links(mendingSteps.alternatives(root))).toContain('etc/alternatives/javac -> /usr/lib/jvm/java-17/bin/javac');
});

test('dpkg knows what is installed, by the paths that were shipped', () => {
  const root = view({}, [installed('libx1', { shlibs: 'libx 1 libx1\n', postinst: 'exit\n' }, 'Multi-Arch: same\n')]);
  const mends = mendingSteps.dpkgDatabase(root);
  const content = (path: string): string | undefined =>
    mends.flatMap((mend) => (mend.kind === 'file' && mend.path === path ? [mend.content] : []))[0];
  expect(content('var/lib/dpkg/status')).toBe(
    'Package: libx1\nStatus: install ok installed\nVersion: 1\nArchitecture: amd64\nMulti-Arch: same\n',
  );
  expect(content('var/lib/dpkg/info/libx1:amd64.list')).toBe('/.\n/lib/x\n');
  expect(content('var/lib/dpkg/info/libx1:amd64.shlibs')).toBe('libx 1 libx1\n');
});

test('the vendor is named: without it dpkg-buildflags is empty', () => {
  expect(links(mendingSteps.vendor(view({ 'etc/dpkg/origins/debian': 'Vendor: Debian' })))).toEqual([
    'etc/dpkg/origins/default -> debian',
  ]);
});

test('builds have a user with a name', () => {
  const root = view({ 'usr/share/base-passwd/passwd.master': 'root:*:0:0:root:/root:/bin/bash\n' });
  const passwd = mendingSteps.accounts(root).find((mend) => mend.path === 'etc/passwd');
  expect(passwd).toMatchObject({
    content: 'root:x:0:0:root:/root:/bin/bash\nbuild:x:1000:1000:build:/nonexistent:/bin/sh\n',
  });
});

test('merged /usr: paths are rewritten, the links are ours', () => {
  expect(
    ['bin/sh', 'lib/x86_64-linux-gnu/libc.so.6', 'lib64/ld.so', 'usr/bin/env', 'libexec/x', 'etc'].map(mergeUsr),
  ).toEqual(['usr/bin/sh', 'usr/lib/x86_64-linux-gnu/libc.so.6', 'usr/lib64/ld.so', 'usr/bin/env', 'libexec/x', 'etc']);
  expect(isMergedTop('bin')).toBe(true);
  expect(links(mendingSteps.layout(view({ 'usr/bin/sh': '', 'usr/lib64/ld.so': '' }))).slice(0, 2)).toEqual([
    'bin -> usr/bin',
    'lib64 -> usr/lib64',
  ]);
});

test('the digest of a root is that of its packages and mends, and of nothing else', () => {
  const one = {
    name: 'a',
    version: '1',
    arch: 'all',
    archive: 'debian',
    path: 'p',
    seen: '',
    sha256: sha256Of('a'),
    size: 1,
  };
  const two = { ...one, name: 'b', sha256: sha256Of('b') };
  const mends: Mend[] = [{ kind: 'file', path: 'etc/x', mode: 0o644, content: 'x' }];
  const digest = rootDigest([one, two], mends);
  expect(rootDigest([one, { ...two, path: 'elsewhere' }], mends)).toBe(digest);
  expect(rootDigest([two, one], mends)).not.toBe(digest);
  expect(rootDigest([one, two], [])).not.toBe(digest);
  expect(rootDigest([one, two], [{ kind: 'file', path: 'etc/x', mode: 0o755, content: 'x' }])).not.toBe(digest);
});

test('catalogs of XML stylesheets are written as update-xmlcatalog would', () => {
  const docbook = installed('docbook-xsl', {
    postinst: `if [ "$1" = configure ]; then
	update-xmlcatalog --sort --add --type uri --id "http://example.org/xsl/" --package docbook-xsl --local /usr/share/xml/docbook/catalog.xml
	update-xmlcatalog --sort --add --type uri --id "http://example.org/xsl/" --package docbook-xsl --root
	update-xmlcatalog --sort --add --type uri --id "$(id)" --package docbook-xsl --root
	update-xmlcatalog --sort --del --type uri --id "http://example.org/old/" --root
fi`,
  });
  const catalogs = mendingSteps.xmlCatalogs(view({}, [docbook]));
  const entries = catalogs.map((mend) => [mend.path, mend.kind === 'file' ? mend.content.match(/<delegate.*/g) : null]);
  expect(entries).toEqual([
    [
      'etc/xml/catalog',
      ['<delegateURI uriStartString="http://example.org/xsl/" catalog="file:///etc/xml/docbook-xsl.xml"/>'],
    ],
    [
      'etc/xml/docbook-xsl.xml',
      ['<delegateURI uriStartString="http://example.org/xsl/" catalog="file:///usr/share/xml/docbook/catalog.xml"/>'],
    ],
  ]);
  expect(mendingSteps.xmlCatalogs(view({}))).toEqual([]);
});
