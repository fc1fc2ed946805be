/**
 * Addresses of Debian's archives from the machine's own apt configuration, sources.list(5): one-line
 * style and deb822 style. Derivatives and third parties are passed over.
 */
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fieldRows, parseStanzas } from '../format/deb822.ts';
import { isErrno, readText } from '../platform/files.ts';

export type ArchiveName = 'debian' | 'debian-security';

export type Mirrors = Readonly<Partial<Record<ArchiveName, string>>>;

interface AptSource {
  readonly uri: string;
  readonly suite: string;
  readonly components: readonly string[];
  /** Empty if the source names no key of its own. */
  readonly signedBy: string;
}

const sizeLimit = 1024 * 1024;

/** @param root directory that stands for `/etc/apt` */
export async function aptMirrors(root: string): Promise<Mirrors> {
  const parts = (await names(join(root, 'sources.list.d'))).toSorted().map((name) => join('sources.list.d', name));
  const sources: AptSource[] = [];
  for (const name of ['sources.list', ...parts]) {
    const text = await textOf(join(root, name));
    if (name.endsWith('.list')) sources.push(...parseLines(text));
    else if (name.endsWith('.sources')) sources.push(...parseDeb822(text));
  }
  return mirrorsOf(sources);
}

/** The first address of each archive. */
function mirrorsOf(sources: readonly AptSource[]): Mirrors {
  const found: Partial<Record<ArchiveName, string>> = {};
  for (const source of sources) {
    const archive = archiveOf(source);
    if (archive !== undefined) found[archive] ??= source.uri.replace(/\/+$/, '');
  }
  return found;
}

const suites = /^(?:(?:old)*stable|testing|unstable|sid|bullseye|bookworm|trixie|forky|duke)(-[a-z-]+|\/updates)?$/;

function archiveOf(source: AptSource): ArchiveName | undefined {
  const { uri, suite, components, signedBy } = source;
  const match = suites.exec(suite);
  const debianKey = signedBy === '' || signedBy.includes('debian-archive-');
  if (match === null || !debianKey || !components.includes('main') || !/^https?:\/\//.test(uri)) return undefined;
  const pocket = match[1] ?? '';
  if (pocket === '-security' || pocket === '/updates') return 'debian-security';
  return pocket === '' || pocket === '-updates' ? 'debian' : undefined;
}

/** `deb [ option=value … ] uri suite component …` */
function parseLines(text: string): AptSource[] {
  return text.split('\n').flatMap((line) => {
    const match = /^\s*deb\s+(?:\[([^\]]*)\]\s+)?(\S+)\s+(\S+)\s+([^#]*)/.exec(line);
    if (match === null) return [];
    const [, options = '', uri = '', suite = '', components = ''] = match;
    const signedBy = /(?:^|\s)signed-by=(\S+)/i.exec(options)?.[1] ?? '';
    return [{ uri, suite, components: components.trim().split(/\s+/), signedBy }];
  });
}

function parseDeb822(text: string): AptSource[] {
  return parseStanzas(text.replaceAll('\r\n', '\n')).flatMap((stanza) => {
    const words = (field: string): string[] => fieldRows(stanza.get(field)).flat();
    if (!words('types').includes('deb') || stanza.get('enabled')?.toLowerCase() === 'no') return [];
    const common = { components: words('components'), signedBy: words('signed-by').join(' ') };
    return words('uris').flatMap((uri) => words('suites').map((suite) => ({ uri, suite, ...common })));
  });
}

async function textOf(path: string): Promise<string> {
  try {
    return await readText(path, sizeLimit);
  } catch (error) {
    if (isErrno(error, 'ENOENT', 'EACCES', 'EISDIR', 'ENOTDIR')) return '';
    throw error;
  }
}

async function names(dir: string): Promise<string[]> {
  return readdir(dir).catch(() => []);
}
