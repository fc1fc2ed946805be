/** Shows code of both sides as instructions. */
import { disassembled } from '../../../format/disassembly.ts';
import { readElf } from '../../../format/elf.ts';
import type { Evidence } from '../../../model/difference.ts';
import type { Delta, Pair, Side, Span } from '../../types.ts';

/** So many places are shown. */
const most = 8;

/** The first deltas with the instructions that stand there. */
export async function codeEvidence(pair: Pair, deltas: readonly Delta[]): Promise<Evidence[]> {
  const shown: Evidence[] = [];
  for (const delta of deltas.slice(0, most)) {
    const released = await sampleOf(pair.released, delta, delta.released);
    const rebuilt = await sampleOf(pair.rebuilt, delta, delta.rebuilt);
    shown.push({
      where: delta.where,
      ...(released === undefined ? {} : { released }),
      ...(rebuilt === undefined ? {} : { rebuilt }),
    });
  }
  return shown;
}

async function sampleOf(
  { view }: Side,
  { field }: Delta,
  span: Span | undefined,
): Promise<Evidence['released'] | undefined> {
  if (span === undefined) return undefined;
  const { at, size } = span;
  const bytes = Buffer.from(view.read(at, Math.min(size, 256)));
  const code = field === 'function' || field === 'code';
  const lines = code ? await disassembled(bytes, readElf(view).machine, at) : undefined;
  const text = span.text ?? (lines === undefined || lines.length === 0 ? undefined : lines.join('; '));
  return {
    at,
    size,
    hex: bytes.subarray(0, 64).toString('hex'),
    ...(text === undefined ? {} : { text: text.slice(0, 200) }),
  };
}

/** The first few places by name. */
export function namesOf(deltas: readonly Delta[]): string {
  const names = [...new Set(deltas.map(({ where }) => where.slice(0, 80)))];
  const [shown, more] = [names.slice(0, 3).join(', '), names.length - 3];
  return more > 0 ? `${shown} and ${more} more` : shown;
}
