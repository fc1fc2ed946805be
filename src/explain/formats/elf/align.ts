/** Lays two sequences of bytes side by side where strings in them became longer or shorter. */

/** A part of one side and what stands in its place on the other. Of one size: byte by byte. */
export interface Piece {
  readonly theirs: number;
  readonly theirsSize: number;
  readonly ours: number;
  readonly oursSize: number;
}

/** Equal bytes in a row that show that both sides are in step again. */
const gram = 12;
/** How far ahead they are looked for; far ahead only so often, and then no more at all. */
const near = { reach: 512, times: 20_000 };
const far = { reach: 16 * 1024, times: 64 };

/** In order, without gaps on either side. */
export function align(theirs: Buffer, ours: Buffer): Piece[] {
  const pieces: Piece[] = [];
  let [i, j, start] = [0, 0, 0];
  const left = { near: near.times, far: far.times };
  const close = (): void => {
    const size = i - start;
    if (size > 0) pieces.push({ theirs: start, theirsSize: size, ours: j - size, oursSize: size });
  };
  while (i < theirs.length && j < ours.length) {
    const same = equalRun(theirs, i, ours, j);
    i += same;
    j += same;
    if (i >= theirs.length || j >= ours.length) break;
    if (isInStep(theirs, i, ours, j)) {
      i++;
      j++;
      continue;
    }
    const found = again(theirs, i, ours, j, left);
    const back = backFrom(theirs, i, i + found.theirs, ours, j, j + found.ours);
    const gap = { theirs: i, theirsSize: found.theirs - back, ours: j, oursSize: found.ours - back };
    if (gap.theirsSize === gap.oursSize) {
      i += found.theirs;
      j += found.ours;
      continue;
    }
    close();
    pieces.push(...paddingApart(theirs, ours, gap));
    i += gap.theirsSize;
    j += gap.oursSize;
    start = i;
  }
  close();
  if (i < theirs.length || j < ours.length) {
    pieces.push({ theirs: i, theirsSize: theirs.length - i, ours: j, oursSize: ours.length - j });
  }
  return joined(pieces);
}

/** Neighbours that are both byte by byte are one: a number may lie across. */
export function joined(pieces: readonly Piece[]): Piece[] {
  const all: Piece[] = [];
  for (const piece of pieces) {
    const last = all.at(-1);
    if (last === undefined || last.theirsSize !== last.oursSize || piece.theirsSize !== piece.oursSize) all.push(piece);
    else {
      const size = last.oursSize + piece.oursSize;
      all[all.length - 1] = { ...last, theirsSize: size, oursSize: size };
    }
  }
  return all;
}

/** Zeros that only bring what follows to its alignment are a piece of their own. */
function paddingApart(theirs: Buffer, ours: Buffer, gap: Piece): Piece[] {
  const more = gap.theirsSize - gap.oursSize;
  const [bytes, at, size] = more > 0 ? [theirs, gap.theirs, more] : [ours, gap.ours, -more];
  const common = Math.min(gap.theirsSize, gap.oursSize);
  if (common === 0 || size > 64) return [gap];
  const zeros = { theirsSize: Math.max(0, more), oursSize: Math.max(0, -more) };
  if (bytes.subarray(at, at + size).every((byte) => byte === 0)) {
    const rest = { theirs: gap.theirs + zeros.theirsSize, ours: gap.ours + zeros.oursSize };
    return [
      { theirs: gap.theirs, ours: gap.ours, ...zeros },
      { ...rest, theirsSize: common, oursSize: common },
    ];
  }
  if (bytes.subarray(at + common, at + common + size).some((byte) => byte !== 0)) return [gap];
  return [
    { theirs: gap.theirs, theirsSize: common, ours: gap.ours, oursSize: common },
    { theirs: gap.theirs + common, ours: gap.ours + common, ...zeros },
  ];
}

const chunk = 256;

function equalRun(theirs: Buffer, i: number, ours: Buffer, j: number): number {
  const most = Math.min(theirs.length - i, ours.length - j);
  let same = 0;
  while (same + chunk <= most && theirs.compare(ours, j + same, j + same + chunk, i + same, i + same + chunk) === 0) {
    same += chunk;
  }
  while (same < most && theirs[i + same] === ours[j + same]) same++;
  return same;
}

/** Most of what follows is equal where it stands: numbers changed, not lengths. */
function isInStep(theirs: Buffer, i: number, ours: Buffer, j: number): boolean {
  const [a, b] = [theirs.length - i, ours.length - j];
  const window = Math.min(64, a, b);
  if (a === b && a <= gram) return true;
  let equal = 0;
  for (let index = 1; index < window; index++) if (theirs[i + index] === ours[j + index]) equal++;
  return equal >= window * 0.45;
}

interface Step {
  readonly theirs: number;
  readonly ours: number;
}

/** The nearest place from which both go on alike; else both ends. */
function again(theirs: Buffer, i: number, ours: Buffer, j: number, left: { near: number; far: number }): Step {
  const ends = { theirs: theirs.length - i, ours: ours.length - j };
  if (left.near-- <= 0) return ends;
  const close = search(theirs, i, ours, j, near.reach);
  if (close !== undefined || (ends.theirs <= near.reach && ends.ours <= near.reach)) return close ?? ends;
  if (left.far-- <= 0) {
    left.near = 0;
    return ends;
  }
  return search(theirs, i, ours, j, far.reach) ?? ends;
}

function search(theirs: Buffer, i: number, ours: Buffer, j: number, reach: number): Step | undefined {
  const places = new Map<string, number>();
  for (let y = Math.min(reach, ours.length - j - gram); y >= 0; y--) {
    if (isVaried(ours, j + y)) places.set(ours.toString('latin1', j + y, j + y + gram), y);
  }
  let best: Step | undefined;
  const most = Math.min(reach, theirs.length - i - gram);
  for (let x = 0; x <= most && (best === undefined || x < best.theirs + best.ours); x++) {
    const y = places.get(theirs.toString('latin1', i + x, i + x + gram));
    if (y === undefined || (best !== undefined && x + y >= best.theirs + best.ours)) continue;
    best = { theirs: x, ours: y };
  }
  return best;
}

/** A row of one byte stands in many places. */
function isVaried(bytes: Buffer, at: number): boolean {
  let changes = 0;
  for (let index = 1; index < gram; index++) if (bytes[at + index] !== bytes[at + index - 1]) changes++;
  return changes >= 4;
}

/** How much of a gap's end is alike after all: equal bytes, and tables of numbers that all changed a little. */
function backFrom(theirs: Buffer, i: number, iEnd: number, ours: Buffer, j: number, jEnd: number): number {
  const most = Math.min(iEnd - i, jEnd - j);
  let back = 0;
  while (back < most && theirs[iEnd - back - 1] === ours[jEnd - back - 1]) back++;
  let kept = back;
  for (let odd = 0; back + 4 <= most && odd < 8; back += 4) {
    if (isText(theirs, iEnd - back - 4) || isText(ours, jEnd - back - 4)) break;
    let equal = 0;
    for (let index = 1; index <= 4; index++) if (theirs[iEnd - back - index] === ours[jEnd - back - index]) equal++;
    odd = equal < 2 ? odd + 1 : 0;
    if (odd === 0) kept = back + 4;
  }
  return kept;
}

function isText(bytes: Buffer, at: number): boolean {
  for (let index = at; index < at + 4; index++) {
    const byte = bytes[index] ?? 0;
    if (byte < 0x20 || byte > 0x7e) return false;
  }
  return true;
}
