/** What a reader must know first about a difference, and the files that matter most. */
import { type Cause, causeWeights, type Difference, type FileDifference } from '../model/difference.ts';
import { byteCount, counted, grouped } from './numbers.ts';

/** How a medium shows a name from outside within a sentence of ours. */
export type Quote = (name: string) => string;

/**
 * One sentence; what no cause explains comes before all that was explained.
 * @param quote without it the sentence holds a name as it is, and is untrusted
 */
export function leadingSentence(difference: Difference, quote: Quote = String): string {
  if (difference.unexplained > 0) {
    return `${byteCount(difference.unexplained)} that no cause explains${placeOf(unexplainedFiles(difference), quote)}.`;
  }
  const { causes } = difference;
  const grave = causes.filter(({ severity }) => severity === 'grave');
  if (grave.length > 0) return `${counted(grave.length, 'grave cause')}${placeOf(grave, quote)}.`;
  if (causes.length === 0) return `${byteCount(difference.bytes)} differ, and no cause is named.`;
  const suspected = causes.filter(({ certainty }) => certainty === 'suspected');
  if (suspected.length > 0) {
    const bytes = suspected.reduce((sum, { explains }) => sum + explains, 0);
    return `Every differing byte has a cause, but ${byteCount(bytes)} only a suspected one: a change could hide among them.`;
  }
  const named = `every differing byte is accounted for by ${counted(causes.length, 'cause')}`;
  return `${upperFirst(named)}, ${causes.length === 1 ? 'and it is proved' : 'each of them proved'}.`;
}

/** Whether the sentence above must be loud: something is left, known to be grave, or only suspected. */
export function isAlarming({ unexplained, causes }: Difference): boolean {
  return unexplained > 0 || causes.some(({ severity, certainty }) => severity === 'grave' || certainty === 'suspected');
}

function unexplainedFiles({ files }: Difference): readonly FileDifference[] {
  return files.filter(({ unexplained }) => unexplained > 0).toSorted((a, b) => b.unexplained - a.unexplained);
}

function placeOf([first, ...others]: readonly { readonly path: string }[], quote: Quote): string {
  if (first === undefined) return '';
  const more = others.length === 0 ? '' : `, and in ${counted(others.length, 'more place')}`;
  if (first.path === '') return others.length === 0 ? ', in the file itself' : `, in the file itself${more}`;
  return `, in ${quote(first.path)}${more}`;
}

function upperFirst(text: string): string {
  return text.slice(0, 1).toUpperCase() + text.slice(1);
}

/** `1,024 bytes differ, the first at offset 72; 3 files differ`. */
export function extent(difference: Difference): string {
  const inside = difference.files.filter(({ path }) => path !== '').length;
  const within = inside === 0 ? '' : `; inside, ${counted(inside, 'file')} ${inside === 1 ? 'differs' : 'differ'}`;
  const verb = difference.bytes === 1 ? 'differs' : 'differ';
  return `${byteCount(difference.bytes)} ${verb}, the first at offset ${grouped(difference.firstOffset)}${within}`;
}

/** Whether causes of this kind explain bytes, or only name what differs. */
export function accountsFor({ kind }: Pick<Cause, 'kind'>): boolean {
  return causeWeights[kind] === 'real' || causeWeights[kind] === 'benign';
}

/** `60 bytes explained, 12 left when it is undone`. */
export function balance(cause: Cause): string {
  const { explains, residual } = cause;
  if (!accountsFor(cause)) return `0 bytes explained, ${grouped(residual)} left`;
  return `${byteCount(explains)} explained, ${grouped(residual)} left when it is undone`;
}

/** How a file differs: `changed`, or which side alone has it. */
export function changeText({ change, sizes }: FileDifference): string {
  if (sizes.released === undefined && sizes.rebuilt !== undefined) return 'only rebuilt';
  if (sizes.rebuilt === undefined && sizes.released !== undefined) return 'only released';
  return change;
}

/** Of a file that one side lacks, all its bytes; else those that differ in the file itself. */
export function differingBytes({ bytes, sizes: { released, rebuilt } }: FileDifference): number {
  if (released !== undefined && rebuilt !== undefined) return bytes;
  return Math.max(bytes, released ?? 0, rebuilt ?? 0);
}

export interface Chosen {
  /** In the order of the document. */
  readonly shown: readonly FileDifference[];
  readonly leftOut: number;
}

/** The files that weigh most. */
export function worstFiles(files: readonly FileDifference[], limit: number): Chosen {
  if (files.length <= limit) return { shown: files, leftOut: 0 };
  const kept = new Set(worstFirst(files).slice(0, limit));
  return { shown: files.filter((file) => kept.has(file)), leftOut: files.length - kept.size };
}

/** Those that one side lacks, then by unexplained and by differing bytes. */
export function worstFirst(files: readonly FileDifference[]): readonly FileDifference[] {
  return files.toSorted(byWeight);
}

function byWeight(a: FileDifference, b: FileDifference): number {
  const lacking = Number(b.change !== 'changed') - Number(a.change !== 'changed');
  return lacking || b.unexplained - a.unexplained || b.bytes - a.bytes;
}
