import { file, type InstalledPackage, type Mend, type RootView } from './types.ts';

/** One delegation that update-xmlcatalog(8) would write. */
interface Delegation {
  readonly type: 'public' | 'system' | 'uri';
  readonly id: string;
  readonly package: string;
  /** The catalog that knows more; `undefined` for an entry of the root catalog. */
  readonly local: string | undefined;
}

/**
 * `/etc/xml/catalog` and one catalog for each package, as dh_installxmlcatalogs(1) has them written.
 * Without them xsltproc asks the network for the stylesheets of DocBook that lie on the disk.
 */
export function xmlCatalogs(root: RootView): Mend[] {
  const all = root.packages.flatMap(delegations);
  if (all.length === 0) return [];
  const names = [...new Set(all.map((one) => one.package))].toSorted();
  return [
    file('etc/xml/catalog', catalog(all.filter((one) => one.local === undefined))),
    ...names.map((name) => {
      const own = all.filter((one) => one.package === name && one.local !== undefined);
      return file(`etc/xml/${name}.xml`, catalog(own));
    }),
  ];
}

function delegations(from: InstalledPackage): Delegation[] {
  const lines = (from.script('postinst') ?? '').replaceAll(/\\\n/g, ' ').split('\n');
  return lines.flatMap((line) => delegation(line) ?? []);
}

function delegation(line: string): Delegation | undefined {
  if (!/^\s*update-xmlcatalog .*--add /.test(line)) return undefined;
  const option = (name: string): string | undefined => {
    const match = new RegExp(`--${name} (?:"([^"$\`]*)"|([^\\s"$\`]+))`).exec(line);
    return match?.[1] ?? match?.[2];
  };
  const [type, id, name, local] = [option('type'), option('id'), option('package'), option('local')];
  if (type !== 'public' && type !== 'system' && type !== 'uri') return undefined;
  if (id === undefined || name === undefined || !/^[\w.+-]+$/.test(name)) return undefined;
  if (local === undefined && !/--root\b/.test(line)) return undefined;
  return { type, id, package: name, local };
}

function catalog(entries: readonly Delegation[]): string {
  const lines = new Set(entries.map(entryLine));
  return `<?xml version="1.0"?>
<!DOCTYPE catalog PUBLIC "-//OASIS//DTD XML Catalogs V1.0//EN"
  "file:///usr/share/xml/schema/xml-core/catalog.dtd">
<catalog xmlns="urn:oasis:names:tc:entity:xmlns:xml:catalog">
${[...lines].toSorted().join('\n')}
</catalog>
`;
}

const elements = {
  public: ['delegatePublic', 'publicIdStartString'],
  system: ['delegateSystem', 'systemIdStartString'],
  uri: ['delegateURI', 'uriStartString'],
} as const;

function entryLine(one: Delegation): string {
  const [element, attribute] = elements[one.type];
  const target = one.local ?? `/etc/xml/${one.package}.xml`;
  return `<${element} ${attribute}="${escapeXml(one.id)}" catalog="file://${escapeXml(target)}"/>`;
}

function escapeXml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');
}
