/** Relationship fields of Debian packages, deb-src-control(5) and Debian Policy 7. */
import { SamesourceError } from '../model/error.ts';
import type { Relation } from './debian-version.ts';

/** `name:qualifier (relation version)`, already filtered by architecture and build profile. */
export interface Dependency {
  readonly name: string;
  readonly relation?: Relation;
  readonly version?: string;
}

/** One of these is enough. */
export type Alternatives = readonly Dependency[];

/**
 * Parses `a (>= 1) [amd64] <!nocheck> | b, c`. Alternatives for other architectures, or for build
 * profiles (none is active here), are dropped.
 * @throws SamesourceError `toolchain-unavailable` for a relation that cannot be read
 */
export function parseDependencies(field: string | undefined, arch: string): Alternatives[] {
  return (field ?? '')
    .split(',')
    .map((group) => group.trim())
    .filter((group) => group !== '')
    .map((group) => group.split('|').flatMap((text) => parseOne(text.trim(), arch) ?? []))
    .filter((alternatives) => alternatives.length > 0);
}

const pattern =
  /^([a-z0-9][a-z0-9+.-]*)(?::([a-z0-9-]+))?\s*(?:\(\s*(<<|<=|=|>=|>>|<|>)\s*([^\s)]+)\s*\))?\s*(?:\[([^\]]*)\])?\s*((?:<[^>]*>\s*)*)$/i;

function parseOne(text: string, arch: string): Dependency | undefined {
  const match = pattern.exec(text);
  if (match?.[1] === undefined)
    throw new SamesourceError('toolchain-unavailable', `cannot read the dependency "${text}"`);
  const [, name, , relation, version, arches, profiles] = match;
  if (arches !== undefined && !archMatches(arches, arch)) return undefined;
  if (profiles !== undefined && profiles.trim() !== '' && !profilesMatch(profiles)) return undefined;
  if (relation === undefined || version === undefined) return { name };
  const modern = relation === '<' ? '<=' : relation === '>' ? '>=' : relation;
  return { name, relation: modern as Relation, version };
}

/** `amd64 linux-any` or `!hurd-any !i386`. */
function archMatches(list: string, arch: string): boolean {
  const words = list.trim().split(/\s+/);
  const matches = (word: string): boolean => ['any', 'linux-any', arch, `linux-${arch}`, `any-${arch}`].includes(word);
  if (words.every((word) => word.startsWith('!'))) return !words.some((word) => matches(word.slice(1)));
  return words.some((word) => matches(word));
}

/** `<a !b> <c>`: any group, all terms of it. No profile is active, so only negated terms hold. */
function profilesMatch(text: string): boolean {
  const groups = [...text.matchAll(/<([^>]*)>/g)].map((match) => (match[1] ?? '').trim().split(/\s+/));
  return groups.some((terms) => terms.every((term) => term.startsWith('!')));
}

export function showDependency(alternatives: Alternatives): string {
  return alternatives
    .map(({ name, relation, version }) => (relation === undefined ? name : `${name} (${relation} ${version})`))
    .join(' | ');
}
