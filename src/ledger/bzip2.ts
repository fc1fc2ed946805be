/** Bzip2: exactly one stream, and nothing after it. */
import { bunzip2 } from '../format/bzip2.ts';
import { startOf, type View } from '../platform/view.ts';
import { coverOf, unsafe } from './cover.ts';
import { onlyMember } from './only-member.ts';
import type { Format } from './types.ts';

export const bzip2: Format = {
  // What comes after the level is the mark of a block, or of the end.
  recognises: (view) => view.size >= 14 && /^425a683[1-9](314159|177245)/.test(startOf(view, 7).toString('hex')),
  async read(view, workshop) {
    const content = await workshop.keep(inTurns(bunzip2(view, requireEnd(view))), view.size);
    const cover = coverOf('bzip2', view);
    const size = view.size - 4;
    cover.add(0, 3, 'structure', 'magic');
    cover.add(3, 1, 'structure', 'block size', { value: `${view.read(3, 1).toString('latin1')}00 kB` });
    // Blocks and their check sums begin inside bytes.
    cover.add(4, size, 'content', 'content');
    return { format: 'bzip2', regions: cover.finish(), members: [onlyMember(content, {}, { at: 4, size })], facts: {} };
  },
};

async function* inTurns(chunks: Iterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  yield* chunks;
}

/** Readers go on with another stream, and some over other bytes. */
function requireEnd(view: View): (used: number) => void {
  return (end) => {
    const rest = view.size - end;
    if (rest === 0) return;
    const next = view.read(end, Math.min(3, rest)).toString('latin1') === 'BZh' ? ': another stream' : '';
    throw unsafe('bzip2', `${rest} bytes after the end, at ${end}${next}`);
  };
}
