/** Ordering of Debian versions, deb-version(7). */

/** Negative, zero or positive, as `left` is older, the same or newer. */
export function compareVersions(left: string, right: string): number {
  const a = split(left);
  const b = split(right);
  return a.epoch - b.epoch || compareParts(a.upstream, b.upstream) || compareParts(a.revision, b.revision);
}

export type Relation = '<<' | '<=' | '=' | '>=' | '>>';

export function satisfies(version: string, relation: Relation, wanted: string): boolean {
  const order = compareVersions(version, wanted);
  switch (relation) {
    case '<<':
      return order < 0;
    case '<=':
      return order <= 0;
    case '=':
      return order === 0;
    case '>=':
      return order >= 0;
    case '>>':
      return order > 0;
  }
}

/** Without the epoch, as in file names. */
export function withoutEpoch(version: string): string {
  return version.replace(/^\d+:/, '');
}

/** Without epoch and Debian revision. */
export function upstreamVersion(version: string): string {
  return split(version).upstream;
}

/** `1.2-3+b4` was rebuilt from the source `1.2-3` without a change: the number of the rebuild. */
export function binNmu(version: string): { readonly source: string; readonly number: number } | undefined {
  const match = /^(.*)\+b(\d+)$/.exec(version);
  return match?.[1] === undefined ? undefined : { source: match[1], number: Number(match[2]) };
}

function split(version: string): { epoch: number; upstream: string; revision: string } {
  const [, epoch = '0', rest = ''] = /^(?:(\d+):)?(.*)$/s.exec(version) ?? [];
  const dash = rest.lastIndexOf('-');
  return dash === -1
    ? { epoch: Number(epoch), upstream: rest, revision: '0' }
    : { epoch: Number(epoch), upstream: rest.slice(0, dash), revision: rest.slice(dash + 1) };
}

/** Alternately a run of non-digits and a run of digits. */
function compareParts(left: string, right: string): number {
  let a = left;
  let b = right;
  while (a !== '' || b !== '') {
    const textA = /^\D*/.exec(a)?.[0] ?? '';
    const textB = /^\D*/.exec(b)?.[0] ?? '';
    const order = compareText(textA, textB);
    if (order !== 0) return order;
    a = a.slice(textA.length);
    b = b.slice(textB.length);
    const digitsA = /^\d*/.exec(a)?.[0] ?? '';
    const digitsB = /^\d*/.exec(b)?.[0] ?? '';
    const difference = BigInt(digitsA || '0') - BigInt(digitsB || '0');
    if (difference !== 0n) return difference < 0n ? -1 : 1;
    a = a.slice(digitsA.length);
    b = b.slice(digitsB.length);
  }
  return 0;
}

function compareText(left: string, right: string): number {
  for (let index = 0; index < Math.max(left.length, right.length); index++) {
    const order = weight(left[index]) - weight(right[index]);
    if (order !== 0) return order;
  }
  return 0;
}

/** A tilde sorts before the end, letters before everything else. */
function weight(char: string | undefined): number {
  if (char === '~') return -1;
  if (char === undefined) return 0;
  const code = char.charCodeAt(0);
  return /[A-Za-z]/.test(char) ? code : code + 256;
}
