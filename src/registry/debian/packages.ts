/** Binary and source packages of one or more suites, read from their indexes on demand. */
import { sha256, type Sha256 } from '../../model/digest.ts';
import type { IndexLock, PackageLock, PoolFile } from '../../model/lock.ts';
import { fieldRows, parseStanza, type Stanza } from '../../format/deb822.ts';
import type { Context } from '../../store/context.ts';
import { archiveOf, snapshotTime } from './archive.ts';
import { openIndex } from './index-file.ts';
import { perRun } from './per-run.ts';
import { openRelease } from './release.ts';

export interface BinaryPackage {
  readonly name: string;
  readonly version: string;
  readonly arch: string;
  /** Suite whose index lists it, and when. */
  readonly suite: string;
  readonly seen: string;
  readonly fields: Stanza;
}

export interface SourcePackage {
  readonly name: string;
  readonly version: string;
  readonly suite: string;
  readonly seen: string;
  readonly fields: Stanza;
}

export interface PackageIndex {
  /** For the lock: what was read, and by whom it is signed. */
  readonly indexes: readonly IndexLock[];
  /** Every version of a package, in the order of the suites. */
  named(name: string): readonly BinaryPackage[];
  /** Packages that provide a virtual name. */
  providing(name: string): readonly BinaryPackage[];
  /** Packages with a field of that value, e.g. `Essential: yes`. */
  withField(field: string, value: string): readonly BinaryPackage[];
  /** Packages built from a source. */
  builtFrom(source: string): readonly BinaryPackage[];
}

interface Place {
  readonly suite: string;
  readonly seen: string;
  readonly text: string;
  readonly starts: ReadonlyMap<string, readonly number[]>;
}

/** Opens the `main` packages of an architecture (with those for all) in the given suites. */
export function openPackages(suites: readonly string[], arch: string, ctx: Context): Promise<PackageIndex> {
  return perRun(ctx, `packages ${arch} ${suites.join(' ')}`, () => readPackages(suites, arch, ctx));
}

async function readPackages(suites: readonly string[], arch: string, ctx: Context): Promise<PackageIndex> {
  const indexes: IndexLock[] = [];
  const places: Place[] = [];
  for (const suite of suites) {
    const release = await openRelease(suite, ctx);
    const { sha256: packages, text } = await openIndex(release, `main/binary-${arch}/Packages`, ctx);
    indexes.push({ suite, date: release.date, inRelease: release.inRelease, packages, signedBy: release.signedBy });
    places.push({ suite, seen: snapshotTime(release.date), text, starts: stanzaStarts(text) });
  }
  const at = (place: Place, start: number): BinaryPackage => binaryPackage(place, stanzaAt(place.text, start));
  const search = (pattern: RegExp): BinaryPackage[] =>
    places.flatMap((place) =>
      [...place.text.matchAll(pattern)].map((match) => at(place, stanzaStart(place.text, match.index))),
    );
  let providers: Map<string, BinaryPackage[]> | undefined;
  return {
    indexes,
    named: (name) => places.flatMap((place) => (place.starts.get(name) ?? []).map((start) => at(place, start))),
    providing: (name) => {
      providers ??= groupByProvided(search(/^Provides: ./gm));
      return providers.get(name) ?? [];
    },
    withField: (field, value) => search(new RegExp(`^${field}: ${literal(value)}$`, 'gm')),
    builtFrom: (source) => [
      ...search(new RegExp(`^Source: ${literal(source)}(?: \\(.*\\))?$`, 'gm')),
      ...places.flatMap((place) =>
        (place.starts.get(source) ?? [])
          .map((start) => at(place, start))
          .filter((found) => !found.fields.has('source')),
      ),
    ],
  };
}

function groupByProvided(packages: readonly BinaryPackage[]): Map<string, BinaryPackage[]> {
  const groups = new Map<string, BinaryPackage[]>();
  for (const found of packages) {
    for (const virtual of (found.fields.get('provides') ?? '').split(',')) {
      const name = virtual.trim().split(/[ (:]/, 1)[0] ?? '';
      const group = groups.get(name);
      if (group === undefined) groups.set(name, [found]);
      else group.push(found);
    }
  }
  return groups;
}

function literal(text: string): string {
  return text.replaceAll(/[\\^$.*+?()[\]{}|-]/g, '\\$&');
}

/** Every version of a source package in the given suites. */
export async function findSources(name: string, suites: readonly string[], ctx: Context): Promise<SourcePackage[]> {
  const found: SourcePackage[] = [];
  for (const suite of suites) {
    const release = await openRelease(suite, ctx);
    const { text } = await openIndex(release, 'main/source/Sources', ctx);
    for (const start of stanzaStarts(text).get(name) ?? []) {
      const fields = stanzaAt(text, start);
      found.push({ name, version: fields.get('version') ?? '', suite, seen: snapshotTime(release.date), fields });
    }
  }
  return found;
}

/** The `.dsc` first, then the parts that it names. */
export function sourceFiles(source: SourcePackage): PoolFile[] {
  const directory = source.fields.get('directory') ?? '';
  const files = fieldRows(source.fields.get('checksums-sha256')).flatMap(([digest, size, name]) =>
    digest === undefined || name === undefined
      ? []
      : [
          {
            name,
            archive: archiveOf(source.suite),
            path: `${directory}/${name}`,
            seen: source.seen,
            sha256: sha256(digest, name),
            size: Number(size),
          },
        ],
  );
  return files.toSorted((a, b) => Number(b.name.endsWith('.dsc')) - Number(a.name.endsWith('.dsc')));
}

export function packageLock(found: BinaryPackage): PackageLock {
  return {
    name: found.name,
    version: found.version,
    arch: found.arch,
    archive: archiveOf(found.suite),
    path: found.fields.get('filename') ?? '',
    seen: found.seen,
    sha256: digestOf(found),
    size: Number(found.fields.get('size')),
  };
}

/** Source name and version that a binary package was built from. */
export function sourceOf(found: BinaryPackage): { readonly name: string; readonly version: string } {
  const [, name = found.name, version = found.version] =
    /^(\S+)(?: \((.*)\))?$/.exec(found.fields.get('source') ?? '') ?? [];
  return { name, version };
}

function digestOf(found: BinaryPackage): Sha256 {
  return sha256(found.fields.get('sha256') ?? '', `${found.name} in the index of ${found.suite}`);
}

function binaryPackage({ suite, seen }: Place, fields: Stanza): BinaryPackage {
  return {
    suite,
    seen,
    fields,
    name: fields.get('package') ?? '',
    version: fields.get('version') ?? '',
    arch: fields.get('architecture') ?? '',
  };
}

/** `Package` is the first field of every stanza in both kinds of index. */
function stanzaStarts(text: string): Map<string, number[]> {
  const starts = new Map<string, number[]>();
  for (const at of linesWith('Package: ', text)) {
    const name = text.slice(at + 'Package: '.length, lineEnd(text, at));
    const known = starts.get(name);
    if (known === undefined) starts.set(name, [stanzaStart(text, at)]);
    else known.push(stanzaStart(text, at));
  }
  return starts;
}

/** Where lines begin with `field`. On tens of megabytes much faster than a regular expression. */
function* linesWith(field: string, text: string): Generator<number> {
  if (text.startsWith(field)) yield 0;
  for (let at = text.indexOf(`\n${field}`); at !== -1; at = text.indexOf(`\n${field}`, at + 1)) yield at + 1;
}

function lineEnd(text: string, from: number): number {
  const end = text.indexOf('\n', from);
  return end === -1 ? text.length : end;
}

function stanzaStart(text: string, inside: number): number {
  const before = text.lastIndexOf('\n\n', inside);
  return before === -1 ? 0 : before + 2;
}

function stanzaAt(text: string, start: number): Stanza {
  const end = text.indexOf('\n\n', start);
  return parseStanza(text.slice(start, end === -1 ? text.length : end));
}
