import { runAsOwner } from '../../ledger/run-as-owner.ts';
import { isRewritten } from '../encoders/fields.ts';
import { accountsOf, bothBytes, countEntries, isTwoSided, spread } from '../spans.ts';
import type { CauseFinder, Delta, Pair } from '../types.ts';

const ownerField = /^(?:.* )?(?:uid|gid|uname|gname)$|^(?:owner|names)$/;

const fixes: Readonly<Record<string, string>> = {
  tar: 'tar --owner=0 --group=0 --numeric-owner',
  zip: 'zip -X',
  ar: 'ar D (ARFLAGS=Drcs), ranlib -D',
};

export const archiveOwner: CauseFinder = {
  find(pair, open) {
    const powerful = runAsOwner(pair.released.reading, pair.rebuilt.reading);
    const claims = open.filter(
      (delta) => isTwoSided(delta) && ownerField.test(delta.field) && !powerful.has(delta.member ?? ''),
    );
    const fix = fixes[pair.format];
    return accountsOf(
      claims.map((delta): [Delta, boolean] => [delta, isProved(pair, delta)]),
      (deltas) => ({ summary: tell(deltas), ...(fix === undefined ? {} : { fix }) }),
    );
  },
};

function isProved(pair: Pair, delta: Delta): boolean {
  const bytes = bothBytes(pair, delta);
  if (bytes === undefined || delta.released?.size === 0) return false;
  if (pair.format === 'zip') return bytes.every(isUnixRecord);
  return isRewritten(pair.format, delta.field, ...bytes);
}

/** Info-ZIP's extra field 0x7875 with two numbers of four bytes: any bytes are such numbers. */
function isUnixRecord(bytes: Buffer): boolean {
  return bytes.length === 15 && bytes.toString('hex', 0, 6) === '75780b000104' && bytes[10] === 4;
}

function tell(deltas: readonly Delta[]): string {
  const fields = [...new Set(deltas.map(({ field }) => field))];
  const each = fields.slice(0, 4).map((field) => {
    const some = deltas.filter((delta) => delta.field === field);
    return `${field} ${spread(some, 'released')} released, ${spread(some, 'rebuilt')} rebuilt`;
  });
  return `owners of ${countEntries(deltas)}: ${each.join('; ')}`;
}
