/** What a word on the command line stands for. */
import { stat } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { looksLikePurl } from '../format/purl.ts';

export type Target =
  | { readonly kind: 'purl'; readonly purl: string }
  /** `base` is the directory against which the claim's paths are read. */
  | { readonly kind: 'claim'; readonly path: string; readonly base: string };

export const claimName = 'samesource.yaml';

export async function readTarget(word: string, cwd: string): Promise<Target> {
  return looksLikePurl(word) ? { kind: 'purl', purl: word } : claimTarget(word, cwd);
}

/** A claim file, or the directory that holds `samesource.yaml`. */
export async function claimTarget(word: string, cwd: string): Promise<Target & { readonly kind: 'claim' }> {
  const given = resolve(cwd, word);
  const isDirectory = await stat(given).then(
    (found) => found.isDirectory(),
    () => false,
  );
  const path = isDirectory ? join(given, claimName) : given;
  return { kind: 'claim', path, base: dirname(path) };
}
