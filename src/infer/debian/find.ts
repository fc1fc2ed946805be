/** Finds the released packages that a package URL names. */
import { compareVersions } from '../../format/debian-version.ts';
import type { Purl } from '../../format/purl.ts';
import { SamesourceError } from '../../model/error.ts';
import { debianArch, releases, suitesOf } from '../../registry/debian/archive.ts';
import { openPackages, sourceOf, type BinaryPackage, type PackageIndex } from '../../registry/debian/packages.ts';
import type { Context } from '../../store/context.ts';

export interface Found {
  readonly release: string;
  /** The one that was named, or the first of the named source. */
  readonly named: BinaryPackage;
  readonly index: PackageIndex;
}

/** Other names of a release in the `distro` qualifier. */
const aliases: Readonly<Record<string, string>> = {
  'debian-12': 'bookworm',
  'debian-13': 'trixie',
  '12': 'bookworm',
  '13': 'trixie',
};

/** Those that a toolchain can be assembled for; `all` packages are built in one of them. */
const architectures = ['amd64', 'arm64'];

/** @throws SamesourceError `usage`, `unsupported` or `artifact-unavailable` */
export async function findPackage(purl: Purl, ctx: Context): Promise<Found> {
  requireDebian(purl);
  const arch = purl.qualifiers['arch'];
  const indexArch = arch === undefined || arch === 'all' ? debianArch(ctx.platform) : arch;
  requireArch(indexArch);
  const seen: string[] = [];
  for (const release of candidateReleases(purl)) {
    const index = await openPackages(suitesOf(release), indexArch, ctx);
    const there = candidates(index, purl.name).filter((one) => arch === undefined || one.arch === arch);
    const named = choose(there, purl, release);
    if (named !== undefined) {
      tellNewer(named, there, purl, ctx);
      return { release, named, index };
    }
    seen.push(...there.map((one) => `${one.version} (${one.arch}) in ${one.suite}`));
  }
  throw notFound(purl, seen);
}

/**
 * The version asked for, wherever it is; without one, what the suite that `distro` names has now,
 * and only if it has none, what its updates and security suites have.
 */
function choose(there: readonly BinaryPackage[], purl: Purl, release: string): BinaryPackage | undefined {
  const fitting = there.filter((one) => purl.version === undefined || one.version === purl.version);
  const suite = purl.qualifiers['distro']?.startsWith(`${release}-`) ? purl.qualifiers['distro'] : release;
  const inSuite = fitting.filter((one) => one.suite === suite);
  return newest(inSuite.length > 0 ? inSuite : fitting);
}

function newest(packages: readonly BinaryPackage[]): BinaryPackage | undefined {
  return packages.toSorted((a, b) => compareVersions(b.version, a.version))[0];
}

/** Which version was meant is the user's to know: what else there is must not go unsaid. */
function tellNewer(named: BinaryPackage, there: readonly BinaryPackage[], purl: Purl, ctx: Context): void {
  const latest = newest(there.filter((one) => one.name === named.name));
  if (purl.version !== undefined || latest === undefined || compareVersions(latest.version, named.version) <= 0) return;
  ctx.progress.note(`newer in ${latest.suite}: ${named.name}@${latest.version}`);
}

/** A binary package of that name; else what a source of that name builds. */
function candidates(index: PackageIndex, name: string): readonly BinaryPackage[] {
  const named = index.named(name);
  return named.length > 0 ? named : index.builtFrom(name);
}

function candidateReleases(purl: Purl): readonly string[] {
  const distro = purl.qualifiers['distro'];
  if (distro === undefined) return releases;
  const release = aliases[distro] ?? distro.replace(/-(?:updates|security)$/, '');
  if ((releases as readonly string[]).includes(release)) return [release];
  throw new SamesourceError('usage', `distro=${distro}: not a Debian release that can be verified`, {
    hint: `known: ${releases.join(', ')}`,
  });
}

function requireDebian(purl: Purl): void {
  if (purl.namespace !== 'debian') {
    throw new SamesourceError('unsupported', `packages of "${purl.namespace ?? ''}" cannot be verified yet`, {
      hint: 'write it as pkg:deb/debian/NAME',
    });
  }
  const unknown = Object.keys(purl.qualifiers).find((key) => !['arch', 'distro'].includes(key));
  if (unknown !== undefined) {
    throw new SamesourceError('usage', `qualifier "${unknown}" means nothing for a Debian package`, {
      hint: 'known: arch, distro',
    });
  }
  if (purl.qualifiers['arch'] === 'source') {
    throw new SamesourceError('usage', 'arch=source names no released binary', { hint: 'leave arch out' });
  }
}

function requireArch(arch: string): void {
  if (architectures.includes(arch)) return;
  throw new SamesourceError('unsupported', `arch=${arch}: cannot be verified yet`, {
    hint: `known: ${[...architectures, 'all'].join(', ')}`,
  });
}

function notFound(purl: Purl, seen: readonly string[]): SamesourceError {
  const wanted = [purl.name, purl.version].filter(Boolean).join(' ');
  if (seen.length === 0) {
    const searched = candidateReleases(purl).join(' and ');
    return new SamesourceError('artifact-unavailable', `${wanted} is not in the archive: no such name in ${searched}`, {
      hint: 'check the spelling; only the component main is searched',
    });
  }
  return new SamesourceError('artifact-unavailable', `${wanted} is not in the archive: there is ${seen.join(', ')}`, {
    hint: 'name one of those versions, or leave the version out',
  });
}

/** Every package of the same build: same source and version, for this architecture or for all. */
export function siblingsOf(found: Found): BinaryPackage[] {
  const { named, index } = found;
  const source = sourceOf(named);
  const same = index.builtFrom(source.name).filter((one) => {
    const other = sourceOf(one);
    const rebuild = one.version.replace(/^.*(\+b\d+)$/, '$1') === named.version.replace(/^.*(\+b\d+)$/, '$1');
    return other.version === source.version && (rebuild || !/\+b\d+$/.test(named.version + one.version));
  });
  const byName = new Map(same.map((one) => [one.name, one]));
  byName.set(named.name, named);
  return [named, ...[...byName.values()].filter((one) => one !== named).toSorted((a, b) => (a.name < b.name ? -1 : 1))];
}
