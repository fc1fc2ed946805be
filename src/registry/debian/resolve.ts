/**
 * From package names to a closed set of packages.
 *
 * One pass without going back: for each dependency the first alternative that exists, fits and does
 * not conflict with what was chosen before, as apt does for the sets that builds need. Recommended
 * packages are left out, as on Debian's own build machines.
 */
import { SamesourceError } from '../../model/error.ts';
import { compareVersions, satisfies } from '../../format/debian-version.ts';
import { parseDependencies, showDependency, type Alternatives, type Dependency } from '../../format/dependency.ts';
import type { BinaryPackage, PackageIndex } from './packages.ts';

/**
 * @param wanted names, dependency fields, `?essential` or `?priority(required)`
 * @param unwanted dependency fields of packages that must not be there, e.g. Build-Conflicts
 * @returns the packages, each after those that it depends on where there is no cycle
 * @throws SamesourceError `toolchain-unavailable` naming the dependency that cannot be met, and whose it is
 */
export function resolvePackages(
  index: PackageIndex,
  arch: string,
  wanted: readonly string[],
  unwanted: readonly string[] = [],
): BinaryPackage[] {
  const solution = newSolution(index, arch, unwanted);
  const roots = wanted.flatMap((item) => rootPackages(index, item));
  for (const name of roots.filter((item): item is BinaryPackage => typeof item !== 'string')) solution.add(name);
  for (const item of wanted.filter((text) => !text.startsWith('?'))) {
    for (const alternatives of parseDependencies(item, arch)) solution.require(alternatives, 'the claim');
  }
  solution.close();
  return inDependencyOrder(solution.chosen(), arch);
}

function rootPackages(index: PackageIndex, item: string): BinaryPackage[] {
  // Roots are assembled with merged /usr: the package that says so, not the one that converts.
  if (item === '?essential') return newest([...index.withField('Essential', 'yes'), ...index.named('usr-is-merged')]);
  const priority = /^\?priority\((\w+)\)$/.exec(item)?.[1];
  if (priority !== undefined) return newest(index.withField('Priority', priority));
  if (item.startsWith('?')) {
    throw new SamesourceError('toolchain-unavailable', `cannot read the package pattern "${item}"`, {
      hint: 'known patterns: ?essential, ?priority(required)',
    });
  }
  return [];
}

interface Solution {
  add(found: BinaryPackage): void;
  require(alternatives: Alternatives, by: string): void;
  close(): void;
  chosen(): BinaryPackage[];
}

function newSolution(index: PackageIndex, arch: string, unwanted: readonly string[]): Solution {
  const chosen = new Map<string, BinaryPackage>();
  const queue: BinaryPackage[] = [];
  const banned = unwanted.flatMap((field) => parseDependencies(field, arch).flat());

  const candidate = (wanted: Dependency): BinaryPackage | undefined =>
    newest(index.named(wanted.name)).find((found) => fits(found.version, wanted));

  const provided = (wanted: Dependency): BinaryPackage[] =>
    newest(index.providing(wanted.name))
      .filter((found) => provides(found, wanted, arch))
      .toSorted(byPreference);

  const isMet = (wanted: Dependency): boolean => {
    const real = chosen.get(wanted.name);
    if (real !== undefined && fits(real.version, wanted)) return true;
    return [...chosen.values()].some((found) => provides(found, wanted, arch));
  };

  const conflicts = (found: BinaryPackage): BinaryPackage | undefined => {
    if (banned.some((ban) => ban.name === found.name && fits(found.version, ban))) return found;
    return [...chosen.values()].find((other) => excludes(found, other, arch) || excludes(other, found, arch));
  };

  const add = (found: BinaryPackage): void => {
    if (chosen.has(found.name)) return;
    chosen.set(found.name, found);
    queue.push(found);
  };

  const require = (alternatives: Alternatives, by: string): void => {
    if (alternatives.some(isMet)) return;
    const candidates = alternatives.flatMap((wanted) => {
      const real = candidate(wanted);
      return real === undefined ? provided(wanted) : [real];
    });
    const usable = candidates.find((found) => conflicts(found) === undefined);
    if (usable === undefined) throw unmet(alternatives, by, candidates, conflicts);
    add(usable);
  };

  return {
    add,
    require,
    chosen: () => [...chosen.values()],
    close: () => {
      for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
        for (const field of ['pre-depends', 'depends']) {
          for (const alternatives of relations(next, field, arch)) require(alternatives, next.name);
        }
      }
    },
  };
}

function unmet(
  alternatives: Alternatives,
  by: string,
  candidates: readonly BinaryPackage[],
  conflicts: (found: BinaryPackage) => BinaryPackage | undefined,
): SamesourceError {
  const because = candidates.map((found) => `${found.name} conflicts with ${conflicts(found)?.name ?? '?'}`).join('; ');
  return new SamesourceError(
    'toolchain-unavailable',
    `cannot satisfy "${showDependency(alternatives)}" of ${by}: ${because || 'no such package in these suites'}`,
  );
}

function fits(version: string, wanted: Dependency): boolean {
  return (
    wanted.relation === undefined || wanted.version === undefined || satisfies(version, wanted.relation, wanted.version)
  );
}

/** An unversioned provide never meets a versioned dependency (Debian Policy 7.5). */
function provides(found: BinaryPackage, wanted: Dependency, arch: string): boolean {
  return relations(found, 'provides', arch)
    .flat()
    .some(
      (virtual) =>
        virtual.name === wanted.name &&
        (wanted.relation === undefined || (virtual.version !== undefined && fits(virtual.version, wanted))),
    );
}

function excludes(one: BinaryPackage, other: BinaryPackage, arch: string): boolean {
  if (one.name === other.name) return false;
  return ['conflicts', 'breaks'].some((field) =>
    relations(one, field, arch)
      .flat()
      .some((ban) => (ban.name === other.name && fits(other.version, ban)) || provides(other, ban, arch)),
  );
}

const read = new WeakMap<BinaryPackage, Map<string, Alternatives[]>>();

/** A relationship field, parsed once for each package. */
function relations(found: BinaryPackage, field: string, arch: string): readonly Alternatives[] {
  const fields = read.get(found) ?? new Map<string, Alternatives[]>();
  read.set(found, fields);
  const known = fields.get(field) ?? parseDependencies(found.fields.get(field), arch);
  fields.set(field, known);
  return known;
}

/** The newest version of each name. */
function newest(found: readonly BinaryPackage[]): BinaryPackage[] {
  const byName = new Map<string, BinaryPackage>();
  for (const one of found) {
    const known = byName.get(one.name);
    if (known === undefined || compareVersions(one.version, known.version) > 0) byName.set(one.name, one);
  }
  return [...byName.values()];
}

const priorities = ['required', 'important', 'standard', 'optional', 'extra'];

function byPreference(left: BinaryPackage, right: BinaryPackage): number {
  const rank = (found: BinaryPackage): number => priorities.indexOf(found.fields.get('priority') ?? 'extra');
  return rank(left) - rank(right) || (left.name < right.name ? -1 : 1);
}

function inDependencyOrder(packages: readonly BinaryPackage[], arch: string): BinaryPackage[] {
  const byName = new Map(packages.map((found) => [found.name, found]));
  const ordered: BinaryPackage[] = [];
  const visited = new Set<string>();
  const visit = (found: BinaryPackage): void => {
    if (visited.has(found.name)) return;
    visited.add(found.name);
    for (const field of ['pre-depends', 'depends']) {
      for (const wanted of relations(found, field, arch).flat()) {
        const needed = byName.get(wanted.name);
        if (needed !== undefined) visit(needed);
      }
    }
    ordered.push(found);
  };
  for (const found of packages.toSorted((a, b) => (a.name < b.name ? -1 : 1))) visit(found);
  return ordered;
}
