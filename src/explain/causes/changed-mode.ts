import { isMode, modesOf } from '../encoders/mode.ts';
import { listed, shortened } from '../spans.ts';
import type { CauseFinder, Delta, Pair } from '../types.ts';

/** Who may run a file, as whom, and what it is: no umask and no cosmetic changes that. */
const powers = 0o7111;

export const changedMode: CauseFinder = {
  find(pair, open) {
    const links = sameLinks(pair);
    const isRespelled = ({ field, member }: Delta): boolean => linkField.test(field) && links.has(member ?? '');
    const claims = open.filter((delta) => (isType(delta) && !isRespelled(delta)) || isGrave(pair, delta));
    if (claims.length === 0) return [];
    return [{ claims, certainty: 'proved', summary: listed(claims.map((delta) => tell(pair, delta))) }];
  },
};

const linkField = /^(?:link|pax linkpath|long link)$/;

/** Links that lead to the same place on both sides, in whichever field that stands. */
function sameLinks({ released, rebuilt }: Pair): ReadonlySet<string> {
  const targets = new Map(rebuilt.reading.members.map(({ key, fields }) => [key, fields['link']]));
  const same = released.reading.members.filter(({ key, fields }) => {
    return fields['link'] !== undefined && fields['link'] === targets.get(key);
  });
  return new Set(same.map(({ key }) => key));
}

function isType({ field, released, rebuilt }: Delta): boolean {
  if (!/^(?:type|link|device|devmajor|devminor|pax linkpath|long link)$/.test(field)) return false;
  return (
    released?.text === undefined || rebuilt?.text === undefined || meaning(released.text) !== meaning(rebuilt.text)
  );
}

/** Empty and 0 are the same device. */
function meaning(text: string): string {
  return text === '' ? '0' : text;
}

function isGrave(pair: Pair, delta: Delta): boolean {
  if (!isMode(delta)) return false;
  const modes = modesOf(pair, delta);
  if (modes === undefined) return delta.released?.text !== delta.rebuilt?.text;
  const changed = modes[0] ^ modes[1];
  return (changed & powers) !== 0 || changed >> 12 !== 0;
}

function tell(pair: Pair, delta: Delta): string {
  const [theirs, ours] = modesOf(pair, delta)?.map((mode) => mode.toString(8).padStart(4, '0')) ?? [];
  const [left, right] = [theirs ?? delta.released?.text ?? 'none', ours ?? delta.rebuilt?.text ?? 'none'];
  return `${shortened(delta.where)} ${shortened(left)} released, ${shortened(right)} rebuilt`;
}
