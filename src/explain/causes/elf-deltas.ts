/** What deltas of ELF files are about. */
import type { Delta, Pair } from '../types.ts';

/** Code that runs. */
export function isCodeDelta({ field, class: kind }: Delta): boolean {
  return kind === 'content' && (field === 'function' || field === 'code');
}

/** What is in memory when the program runs. */
export function isLoadedDelta({ field, class: kind }: Delta): boolean {
  return kind === 'content' && field !== 'section header';
}

/** What a compiler makes otherwise with another version or other flags; never strings or bytes without a name. */
export function followsFromCompiler({ field, class: kind }: Delta): boolean {
  if (kind === 'debug' || field === 'compiler' || field === 'flag') return true;
  if (kind === 'content') return field !== 'string';
  return kind === 'structure' && ['order', 'section header', 'size', 'flags', 'align'].includes(field);
}

/** The flags that one side alone was compiled with, as each side has them. */
export function flagTexts(deltas: readonly Delta[]): string {
  const shown = deltas.map(
    ({ released, rebuilt }) => `${rebuilt?.text || 'nothing'} -> ${released?.text || 'nothing'}`,
  );
  return [...new Set(shown)].slice(0, 6).join(', ');
}

const cpu = /^-m(?:arch|cpu|tune|fpu|sse|avx|bmi|fma|popcnt|aes|no-sse|no-avx)/;

/** Whether every flag of the delta says for which processors the code is. */
export function isCpuFlag({ field, released, rebuilt }: Delta): boolean {
  if (field !== 'flag') return false;
  const tokens = `${released?.text ?? ''} ${rebuilt?.text ?? ''}`.split(' ').filter((token) => token !== '');
  return tokens.length > 0 && tokens.every((token) => cpu.test(token));
}

/** The compiler that both sides say they were made by. */
export function compilerOf({ released }: Pair): string {
  return released.reading.facts['producer'] ?? released.reading.facts['compiler'] ?? 'a compiler that is not recorded';
}

/** All of them, what tells the cause first. */
export function firstBy(all: readonly Delta[], told: readonly Delta[]): readonly Delta[] {
  const first = new Set(told);
  return [...told, ...all.filter((delta) => !first.has(delta))];
}

/** What is taken for a consequence and was not computed: the reader must know that code is among it. */
export function codeAmong(claims: readonly Delta[]): string {
  const functions = new Set(claims.filter(isCodeDelta).map(({ where }) => where)).size;
  if (functions === 0) return '';
  return `; ${functions === 1 ? 'one function has' : `${functions} functions have`} other code, which was not made again`;
}
