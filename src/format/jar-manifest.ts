/** Manifests and signature files of JARs, with the bytes of each section: signatures hold digests of them. */
import { SamesourceError } from '../model/error.ts';
import type { SignatureDigest } from '../platform/digest.ts';

export interface ManifestSection {
  /** The value of `Name`; empty for the main section. Untrusted. */
  readonly name: string;
  /** By name, as written; `Name` is not among them. */
  readonly attributes: ReadonlyMap<string, string>;
  /** With the blank line that ends it. */
  readonly bytes: Buffer;
}

export interface Manifest {
  readonly main: ManifestSection;
  readonly sections: ReadonlyMap<string, ManifestSection>;
}

/** @throws SamesourceError `archive-unsafe` for lines that are no attributes, or names that come twice */
export function readManifest(bytes: Buffer): Manifest {
  const sections = new Map<string, ManifestSection>();
  let main: ManifestSection | undefined;
  for (const part of splitSections(bytes)) {
    const section = readSection(part, main === undefined);
    main ??= section;
    if (section === main) continue;
    if (sections.has(section.name)) throw unsafe(`two sections named ${section.name}`);
    sections.set(section.name, section);
  }
  if (main === undefined) throw unsafe('an empty manifest');
  return { main, sections };
}

/** Each up to and with the blank lines after it. */
function* splitSections(bytes: Buffer): Generator<Buffer> {
  let start = 0;
  let blank = false;
  for (let at = 0; at < bytes.length;) {
    const end = endOfLine(bytes, at);
    const empty = bytes[at] === 0x0d || bytes[at] === 0x0a;
    if (blank && !empty) {
      yield bytes.subarray(start, at);
      start = at;
    }
    blank = empty;
    at = end;
  }
  if (start < bytes.length) yield bytes.subarray(start);
}

function endOfLine(bytes: Buffer, at: number): number {
  const end = bytes.indexOf(0x0a, at);
  if (end === -1) throw unsafe('a last line without end');
  const line = bytes.subarray(at, end);
  const bare = line.at(-1) === 0x0d ? line.subarray(0, -1) : line;
  if (bare.length > 512 || bare.includes(0x0d) || bare.includes(0)) throw unsafe(`no line at ${at}`);
  return end + 1;
}

function readSection(bytes: Buffer, isMain: boolean): ManifestSection {
  const text = bytes.toString('utf8').replaceAll('\r\n', '\n').replaceAll('\n ', '');
  const attributes = new Map<string, string>();
  const seen = new Set<string>();
  for (const line of text.split('\n')) {
    if (line === '') continue;
    const [, key, value] = /^([A-Za-z0-9][A-Za-z0-9_-]{0,69}): (.*)$/.exec(line) ?? [];
    if (key === undefined || value === undefined) throw unsafe(`no attribute: "${line.slice(0, 80)}"`);
    if (seen.has(key.toLowerCase())) throw unsafe(`two attributes named ${key}`);
    if (attributes.size === 200) throw unsafe('too many attributes');
    seen.add(key.toLowerCase());
    attributes.set(key, value);
  }
  if (isMain) return { name: '', attributes, bytes };
  const name = attributes.get('Name');
  if (name === undefined || !text.startsWith('Name:')) throw unsafe('a section without a name');
  attributes.delete('Name');
  return { name, attributes, bytes };
}

const algorithms: Readonly<Record<string, SignatureDigest>> = {
  MD5: 'md5',
  SHA: 'sha1',
  SHA1: 'sha1',
  'SHA-1': 'sha1',
  'SHA-224': 'sha224',
  'SHA-256': 'sha256',
  SHA256: 'sha256',
  'SHA-384': 'sha384',
  'SHA-512': 'sha512',
};

/** The digest that an attribute is by its name, `SHA-256-Digest` and after it `suffix`. */
export function digestAttribute(key: string, suffix = ''): SignatureDigest | undefined {
  const end = `-Digest${suffix}`;
  return key.endsWith(end) ? algorithms[key.slice(0, -end.length).toUpperCase()] : undefined;
}

function unsafe(what: string): SamesourceError {
  return new SamesourceError('archive-unsafe', `jar manifest: ${what}`);
}
