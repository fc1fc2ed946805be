import { isOrderKept, objectMembers } from '../formats/json.ts';
import { fileName, wholeTexts } from '../lines.ts';
import { listed } from '../spans.ts';
import type { CauseFinder } from '../types.ts';

/** What npm, yarn and pnpm write into package.json when they pack or publish, and nothing installs or runs. */
const added = new Set(
  'gitHead readme readmeFilename _id _from _resolved _integrity _shasum _npmUser _npmVersion _nodeVersion _hasShrinkwrap _npmOperationalInternal _args _where _engineSupported _defaultsLoaded dist maintainers'.split(
    ' ',
  ),
);

/** Fields that a publisher writes in another way, with the same meaning. */
const rewritten: Readonly<Record<string, (value: unknown, name: string) => unknown>> = {
  repository: repositoryOf,
  bugs: (value) => (isRecord(value) && Object.keys(value).length === 1 ? value['url'] : value),
  author: personOf,
  bin: binOf,
  main: (value) => (typeof value === 'string' ? value.replace(/^\.\//, '') : value),
};

export const packageJson: CauseFinder = {
  formats: ['text'],
  find(pair, open) {
    if (fileName(pair) !== 'package.json') return [];
    const [released = '', rebuilt = ''] = wholeTexts(pair) ?? [];
    const [theirs, ours] = [objectMembers(released), objectMembers(rebuilt)];
    if (theirs === undefined || ours === undefined || !isOrderKept(released, rebuilt)) return [];
    const keys = [...new Set([...theirs.keys(), ...ours.keys()])].filter((key) => theirs.get(key) !== ours.get(key));
    const name = parsed(ours.get('name'));
    const isKnown = keys.every(
      (key) => added.has(key) || isRewritten(key, theirs.get(key), ours.get(key), String(name)),
    );
    if (keys.length === 0 || !isKnown) return [];
    const summary = `package.json as a publisher rewrites it: ${listed(keys.toSorted(), 6)}`;
    // What was added is not computed from anything of ours.
    const certainty = keys.some((key) => added.has(key)) ? 'suspected' : 'proved';
    return [
      { claims: open, certainty, summary, fix: 'npm pack with the same version of npm (or pnpm) that published it' },
    ];
  },
};

function isRewritten(key: string, theirs: string | undefined, ours: string | undefined, name: string): boolean {
  if (theirs === undefined || ours === undefined || !Object.hasOwn(rewritten, key)) return false;
  const normalise = rewritten[key];
  if (normalise === undefined) return false;
  return JSON.stringify(normalise(parsed(theirs), name)) === JSON.stringify(normalise(parsed(ours), name));
}

/** Of canonical JSON, whose keys are sorted. */
function parsed(json: string | undefined): unknown {
  return json === undefined ? undefined : (JSON.parse(json) as unknown);
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function repositoryOf(value: unknown): unknown {
  if (typeof value === 'string') return { type: 'git', url: urlOf(value) };
  if (!isRecord(value) || typeof value['url'] !== 'string') return value;
  return { type: 'git', ...value, url: urlOf(value['url']) };
}

/** `owner/name`, `github:owner/name` and the addresses of the same repository. */
function urlOf(url: string): string {
  const short = /^(?:github:)?([\w.-]+\/[\w.-]+)$/.exec(url)?.[1];
  const whole = short === undefined ? url : `https://github.com/${short}`;
  return whole
    .replace(/^git\+/, '')
    .replace(/^(?:git|ssh):\/\/(?:git@)?/, 'https://')
    .replace(/\.git$/, '');
}

/** `Ada <ada@example.org> (https://example.org)`. */
function personOf(value: unknown): unknown {
  if (typeof value !== 'string') return value;
  const [, name = '', email, url] = /^([^<(]*?)\s*(?:<([^>]*)>)?\s*(?:\(([^)]*)\))?$/.exec(value) ?? [];
  return { ...(email === undefined ? {} : { email }), name, ...(url === undefined ? {} : { url }) };
}

function binOf(value: unknown, name: string): unknown {
  const list = typeof value === 'string' ? { [name.replace(/^@[^/]*\//, '')]: value } : value;
  if (!isRecord(list)) return list;
  return Object.fromEntries(
    Object.entries(list).map(([key, path]) => [key, typeof path === 'string' ? path.replace(/^\.\//, '') : path]),
  );
}
