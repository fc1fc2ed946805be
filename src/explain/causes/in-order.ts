import type { Account, CauseFinder, Delta, Pair } from '../types.ts';

/** Several finders of one kind, each for what those before it have left. */
export function inOrder(...finders: readonly CauseFinder[]): CauseFinder {
  return {
    async find(pair, open) {
      const found: Account[] = [];
      let left = open;
      for (const finder of finders) {
        if (left.length === 0) break;
        const accounts = await ask(finder, pair, left);
        const claimed = new Set(accounts.flatMap(({ claims }) => claims));
        left = left.filter((delta) => !claimed.has(delta));
        found.push(...accounts);
      }
      return found;
    },
  };
}

/** What a finder says, if it looks at the format at all. */
export async function ask(finder: CauseFinder, pair: Pair, open: readonly Delta[]): Promise<readonly Account[]> {
  if (finder.formats !== undefined && !finder.formats.includes(pair.format)) return [];
  return finder.find(pair, open);
}
