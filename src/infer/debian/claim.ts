/** Plain data in, claim out: how Debian's build machines build a package. */
import { upstreamVersion, withoutEpoch } from '../../format/debian-version.ts';
import type { Stanza } from '../../format/deb822.ts';
import type { ArtifactClaim, Claim, Platform } from '../../model/claim.ts';
import type { InferOptions } from '../types.ts';

export interface PackageFacts {
  readonly release: string;
  /** The release, and the suite that the package was found in if that is another one. */
  readonly suites: readonly string[];
  readonly source: { readonly name: string; readonly version: string; readonly fields: Stanza };
  readonly packages: readonly { readonly name: string; readonly version: string; readonly arch: string }[];
  readonly binNmu?: string;
  readonly platform: Platform;
}

/** Two hours and eight GiB are enough for all but the largest packages. */
const limits = { seconds: 2 * 3600, memoryBytes: 8 * 1024 ** 3, processes: 2048, diskBytes: 20 * 1024 ** 3 };

export function debianClaim(facts: PackageFacts, options: InferOptions): Claim {
  const { source, suites, packages } = facts;
  const [named] = packages;
  const kind = buildKind(packages.map((one) => one.arch));
  return {
    claim: 1,
    name: `${named?.name} ${named?.version} (Debian ${facts.release}, ${named?.arch})`,
    source: {
      kind: 'debian',
      package: source.name,
      version: source.version,
      suites,
      ...(facts.binNmu === undefined ? {} : { binNmu: facts.binNmu }),
    },
    toolchain: {
      kind: 'debian',
      suites,
      packages: [...baseSystem, ...buildDependencies(source.fields, kind)],
      platform: facts.platform,
    },
    build: {
      dir: `/build/reproducible-path/${source.name}-${upstreamVersion(source.version)}`,
      env: environment(options),
      run: `dpkg-buildpackage -us -uc -rfakeroot ${kind}`,
      limits,
    },
    artifacts: packages.map((one): ArtifactClaim => {
      const { name, version, arch } = one;
      return {
        path: `../${name}_${withoutEpoch(version)}_${arch}.deb`,
        released: { kind: 'debian', package: name, version, arch, suites },
        allow: [],
      };
    }),
    reviews: [],
  };
}

/** What a build machine has before build dependencies: debootstrap's `buildd` variant. */
const baseSystem = ['?essential', '?priority(required)', 'build-essential', 'fakeroot'];

/** Architecture-dependent packages, independent ones, or both: dpkg-buildpackage(1). */
type BuildKind = '-B' | '-A' | '-b';

function buildKind(arches: readonly string[]): BuildKind {
  const independent = arches.includes('all');
  const dependent = arches.some((arch) => arch !== 'all');
  return independent ? (dependent ? '-b' : '-A') : '-B';
}

const dependencyFields: Record<BuildKind, readonly string[]> = {
  '-B': ['build-depends', 'build-depends-arch'],
  '-A': ['build-depends', 'build-depends-indep'],
  '-b': ['build-depends', 'build-depends-arch', 'build-depends-indep'],
};

function buildDependencies(fields: Stanza, kind: BuildKind): string[] {
  const listed = (name: string): string[] => splitList(fields.get(name));
  const conflicts = dependencyFields[kind].flatMap((name) => listed(name.replace('depends', 'conflicts')));
  return [...dependencyFields[kind].flatMap(listed), ...conflicts.map((item) => `!${item}`)];
}

function splitList(value: string | undefined): string[] {
  return (value ?? '')
    .split(',')
    .map((item) => item.replaceAll(/\s+/g, ' ').trim())
    .filter((item) => item !== '');
}

function environment(options: InferOptions): Record<string, string> {
  return {
    DEB_BUILD_OPTIONS: options.check ? 'parallel=4' : 'nocheck parallel=4',
    // chown to another user fails with EINVAL where only one is mapped; fakeroot then records it only.
    FAKEROOTDONTTRYCHOWN: '1',
    HOME: '/sbuild-nonexistent',
  };
}
