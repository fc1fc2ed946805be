/** What kind of thing a differing token is. */
import { type Edit, editsOf, isDate, textPair, type TextPair } from './strings.ts';
import type { Delta, Pair } from './types.ts';

export const tokenKinds = [
  'vcs-revision',
  'build-date',
  'temporary-name',
  'random-id',
  'host-or-user',
  'build-path',
] as const;
export type TokenKind = (typeof tokenKinds)[number];

export interface TokenEdit extends Edit {
  readonly kind: TokenKind;
}

/** A delta of which every differing token is of a known kind. */
export interface TokenDelta {
  readonly text: TextPair;
  readonly edits: readonly TokenEdit[];
}

/** The deltas whose first differing token is of this kind. */
export function tokenDeltas(pair: Pair, open: readonly Delta[], kind: TokenKind): TokenDelta[] {
  return open.flatMap((delta) => {
    const found = classified(pair, delta);
    return found === undefined || leading(found.edits) !== kind ? [] : [found];
  });
}

/** Of several kinds in one string, the one that is looked for first. */
function leading(edits: readonly TokenEdit[]): TokenKind | undefined {
  return tokenKinds.find((kind) => edits.some((edit) => edit.kind === kind));
}

/** Each delta is looked at once, whoever asks. */
const known = new WeakMap<Delta, TokenDelta | 'none'>();

function classified(pair: Pair, delta: Delta): TokenDelta | undefined {
  const held = known.get(delta);
  if (held !== undefined) return held === 'none' ? undefined : held;
  const found = classify(pair, delta);
  known.set(delta, found ?? 'none');
  return found;
}

/** Not text, or more than text. */
const textFields: ReadonlySet<string> = new Set(['function', 'entry', 'order', 'addresses', 'flag', 'build-id']);

function classify(pair: Pair, delta: Delta): TokenDelta | undefined {
  if (textFields.has(delta.field) || delta.class === 'derived' || delta.class === 'overlay') return undefined;
  const text = textPair(pair, delta);
  const edits = text === undefined ? undefined : editsOf(text);
  if (text === undefined || edits === undefined) return undefined;
  const kinds: TokenEdit[] = [];
  for (const edit of edits) {
    const kind = kindOf(edit);
    if (kind === undefined) return undefined;
    kinds.push({ ...edit, kind });
  }
  return { text, edits: kinds };
}

function kindOf(edit: Edit): TokenKind | undefined {
  const { released, rebuilt, before } = edit;
  if (both(edit, isDate)) return 'build-date';
  if (both(edit, isRevision) && (released.length < 64 || saysRevision(before))) return 'vcs-revision';
  if (released.replace(/-dirty$/, '') === rebuilt.replace(/-dirty$/, '')) return 'vcs-revision';
  if (both(edit, (one) => uuid.test(one)) || (released.length === rebuilt.length && both(edit, isRandom)))
    return 'random-id';
  if (withoutSeed(released) !== released && withoutSeed(released) === withoutSeed(rebuilt)) return 'random-id';
  if (both(edit, isMadeUp) && withoutTemporary(released) === withoutTemporary(rebuilt)) return 'temporary-name';
  if (
    both(edit, (one) => /^[\w.+-]+@[\w-]+(\.[\w-]+)*$/.test(one)) &&
    /\b(built|compiled|by|host|user)\b[^]*$/i.test(before)
  ) {
    return 'host-or-user';
  }
  if (hostWords.test(before) && both(edit, (one) => /^[\w.-]{1,64}$/.test(one))) return 'host-or-user';
  return pathChange(edit) === undefined ? undefined : 'build-path';
}

function both({ released, rebuilt }: Edit, holds: (text: string) => boolean): boolean {
  return holds(released) && holds(rebuilt);
}

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;
const hostWords =
  /(?:host ?(?:name)?|user ?(?:name)?|built[ -]by|compiled by|builder|packager|built on)["']?[ =:]+["']?$/i;

/** Whether the words before a token say that it is a revision. */
export function saysRevision(before: string): boolean {
  const line = before.slice(before.lastIndexOf('\n') + 1);
  return /commit|revision|(?:^|[^a-z])rev(?:[^a-z]|$)|git|vcs|changeset|(?:^|[^a-z])(?:svn|hg|sha1?|version)(?:[^a-z]|$)/i.test(
    line,
  );
}

function isRevision(text: string): boolean {
  if (/^(?:[0-9a-f]{40}|[0-9a-f]{64})(?:[-+]dirty)?$/.test(text)) return true;
  if (/^[\w.+-]*-g[0-9a-f]{7,40}(?:[-+]dirty)?$/.test(text)) return true;
  return /^(?=.*\d)(?=.*[a-f])[0-9a-f]{7,12}(?:[-+]dirty)?$/.test(text);
}

function isRandom(text: string): boolean {
  return /^[0-9a-f]{16,64}$/i.test(text) && /\d/.test(text) && /[a-f]/i.test(text);
}

const temporary =
  /((?:^|\/)(?:cc|rustc|go-build|go-link-|tmp[._-]?|temp[._-]?|conftest[._-]?|lto-llvm-))[A-Za-z0-9_]{5,12}/g;

/** Not an address, and not a common word: in a directory for such files, or with digits or capitals inside. */
function isMadeUp(text: string): boolean {
  if (/^\w[\w+.-]*:\/\//.test(text)) return false;
  return [...text.matchAll(temporary)].every(({ 0: all, 1: start = '', index }) => {
    const made = all.slice(start.length);
    return /(?:^|\/)(?:tmp|temp|T)\/?$/i.test(text.slice(0, index)) || /\d|[a-z][A-Z]|[A-Z]{2}/.test(made);
  });
}

/** Names that programs make up for files of a moment. */
function withoutTemporary(text: string): string {
  return text.replaceAll(temporary, '$1*');
}

/** What GCC's link-time optimisation makes of `grove.c`, without `-frandom-seed`: `grove.c.2055f29e`. */
function withoutSeed(text: string): string {
  return text.replace(/(\.\w+)\.[0-9a-f]{6,8}$/, '$1.*');
}

export interface PathChange {
  readonly released: string;
  readonly rebuilt: string;
  /** What both have behind it, from a slash on. */
  readonly rest: string;
}

/** The directories in which both differ; absent if these are no absolute paths, or not of a build. */
export function pathChange({ released, rebuilt }: Pick<Edit, 'released' | 'rebuilt'>): PathChange | undefined {
  if (!isAbsolute(released) && !isAbsolute(rebuilt)) return undefined;
  if (![released, rebuilt].every((one) => /[/\\]/.test(one)))
    return isAbsolute(released) && isAbsolute(rebuilt) ? { released, rebuilt, rest: '' } : undefined;
  let end = 0;
  while (end < released.length && end < rebuilt.length && released.at(-1 - end) === rebuilt.at(-1 - end)) end++;
  const common = released.slice(released.length - end);
  const slash = /[/\\]/.exec(common);
  const rest = slash === null ? '' : common.slice(slash.index);
  const [a, b] = [released.slice(0, released.length - rest.length), rebuilt.slice(0, rebuilt.length - rest.length)];
  return [a, b].some(isToolchain) || [a, b].includes('') ? undefined : { released: a, rebuilt: b, rest };
}

function isAbsolute(text: string): boolean {
  return /^(?:\/\w|[A-Za-z]:[\\/]|\\\\\w)/.test(text);
}

/** Where compilers keep their own files: another compiler, not another place to build in. */
function isToolchain(path: string): boolean {
  return /^\/(?:usr\/(?:lib|lib64|include|share|libexec|local\/go)|rustc|lib|lib64)(?:\/|$)|\/(?:rustlib|toolchains)\//.test(
    path,
  );
}
