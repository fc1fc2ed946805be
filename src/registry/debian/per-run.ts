import type { Context } from '../../store/context.ts';

const kept = new WeakMap<Context, Map<string, Promise<unknown>>>();

/**
 * Makes something once for each run: indexes are tens of megabytes, and everything that a run says
 * of the archive should come from one reading of it. A failure is not kept.
 */
export function perRun<T>(ctx: Context, key: string, make: () => Promise<T>): Promise<T> {
  const known = kept.get(ctx) ?? new Map<string, Promise<unknown>>();
  kept.set(ctx, known);
  const there = known.get(key);
  // The key names the maker, and with it the type.
  if (there !== undefined) return there as Promise<T>;
  const made = make();
  known.set(key, made);
  made.catch(() => known.delete(key));
  return made;
}
