import { producerParts } from '../../../format/dwarf.ts';
import type { Delta } from '../../types.ts';
import type { Piece } from './align.ts';
import type { DataContext } from './data.ts';
import { sectionDelta } from './deltas.ts';
import type { SectionMatch } from './matches.ts';

/** The compiler, and each flag that one side has. */
export function producerDeltas(match: SectionMatch, part: Piece, context: DataContext): Delta[] {
  const [a, b] = [context.theirs.bytes(match.theirs), context.ours.bytes(match.ours)];
  const left = tokensOf(a.toString('latin1', part.theirs, part.theirs + part.theirsSize));
  const right = tokensOf(b.toString('latin1', part.ours, part.ours + part.oursSize));
  const starts = [startsOf(left), startsOf(right)] as const;
  const gaps = tokenGaps(left, right);
  const changed = gaps.map((gap) => {
    const at = {
      theirs: part.theirs + (starts[0][gap.i] ?? part.theirsSize),
      ours: part.ours + (starts[1][gap.j] ?? part.oursSize),
    };
    const [theirs, ours] = [left.slice(gap.i, gap.iEnd), right.slice(gap.j, gap.jEnd)];
    const piece = { ...at, theirsSize: lengthOf(theirs), oursSize: lengthOf(ours) };
    const field = gap.i === 0 && gap.j === 0 ? 'compiler' : 'flag';
    const texts = [theirs.join('').trim(), ours.join('').trim()] as const;
    return sectionDelta(context, match, piece, { where: `${match.name}: ${field}`, field, texts });
  });
  // It may stand elsewhere among the strings; what both have of it is told as moved.
  if (match.strings === undefined) return changed;
  const sides = { released: [part.theirs, part.theirsSize], rebuilt: [part.ours, part.oursSize] } as const;
  return [...changed, ...restOf(match, sides, changed)];
}

function restOf(
  match: SectionMatch,
  sides: Readonly<Record<'released' | 'rebuilt', readonly [at: number, size: number]>>,
  changed: readonly Delta[],
): Delta[] {
  return (['released', 'rebuilt'] as const).flatMap((side) => {
    const start = (side === 'released' ? match.theirs : match.ours).at + sides[side][0];
    const rest: Delta[] = [];
    let at = start;
    const until = (end: number): void => {
      const told = { where: match.name, field: 'string', class: 'derived' } as const;
      if (end > at) rest.push({ ...told, [side]: { at, size: end - at }, bytes: end - at });
    };
    for (const delta of changed) {
      const span = delta[side];
      if (span === undefined) continue;
      until(span.at);
      at = span.at + span.size;
    }
    until(start + sides[side][1]);
    return rest;
  });
}

function tokensOf(text: string): string[] {
  const { compiler, flags } = producerParts(text);
  return [compiler, ...flags.map((flag) => ` ${flag}`)];
}

/** Offsets of tokens in their text. */
function startsOf(tokens: readonly string[]): number[] {
  let end = 0;
  return tokens.map((token) => (end += token.length) - token.length);
}

function lengthOf(tokens: readonly string[]): number {
  return tokens.reduce((sum, token) => sum + token.length, 0);
}

interface Gap {
  readonly i: number;
  readonly iEnd: number;
  readonly j: number;
  readonly jEnd: number;
}

/** Where two lists differ; each gap is as short as the next token that both have allows. */
function tokenGaps(left: readonly string[], right: readonly string[]): Gap[] {
  const gaps: Gap[] = [];
  for (let [i, j] = [0, 0]; i < left.length || j < right.length;) {
    if (left[i] === right[j]) {
      i++;
      j++;
      continue;
    }
    const next = nextCommon(left, i, right, j);
    // One for one, so that each flag is told by itself.
    const [a, b] = [next.i - i, next.j - j];
    if (a === b) for (let k = 0; k < a; k++) gaps.push({ i: i + k, iEnd: i + k + 1, j: j + k, jEnd: j + k + 1 });
    else gaps.push({ i, iEnd: next.i, j, jEnd: next.j });
    [i, j] = [next.i, next.j];
  }
  return gaps;
}

/** Tokens looked at on both sides together; what has none in common there differs to the end. */
const reach = 400;

function nextCommon(left: readonly string[], i: number, right: readonly string[], j: number): { i: number; j: number } {
  let best = { i: left.length, j: right.length };
  let most = reach;
  for (let x = 0; x < most && i + x < left.length; x++) {
    for (let y = 0; x + y < most && j + y < right.length; y++) {
      if (left[i + x] !== right[j + y]) continue;
      best = { i: i + x, j: j + y };
      most = x + y;
    }
  }
  return best;
}
