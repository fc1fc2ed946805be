import { printable } from '../../format/printable.ts';
import { humanSize, parseDuration, parseSize } from '../../format/units.ts';
import { exitCodes, SamesourceError } from '../../model/error.ts';
import { checkStore, clearStore, listStore, type Removal, type StoreItem } from '../../store/maintain.ts';
import { openStoreAt, progressOf, settingsOf } from '../context.ts';
import type { Session } from '../session.ts';

export interface GcFlags {
  readonly maxSize?: string;
  readonly olderThan?: string;
}

/** Without options, what was not used for 30 days goes. */
const defaultAge = '30d';

export async function storeLs(session: Session): Promise<number> {
  const store = await openStoreAt((await settingsOf(session)).store);
  const items = await listStore(store);
  const document = {
    root: store.root,
    size: total(items),
    items: items.map(({ room, name, size, lastUsed }) => ({ room, name, size, lastUsed: isoDay(lastUsed) })),
  };
  session.answer(document, () =>
    [...items.map(itemLine), `${items.length} items, ${humanSize(total(items))} in ${printable(store.root)}`, ''].join(
      '\n',
    ),
  );
  return exitCodes.match;
}

export async function storeGc(session: Session, flags: GcFlags): Promise<number> {
  const removal = removalOf(flags);
  const store = await openStoreAt((await settingsOf(session)).store);
  const removed = await clearStore(store, removal, new Date());
  const names = removed.map(({ room, name, size }) => ({ room, name, size }));
  session.answer({ removed: names, size: total(removed) }, () =>
    [...removed.map(itemLine), `removed ${removed.length} items, ${humanSize(total(removed))}`, ''].join('\n'),
  );
  return exitCodes.match;
}

/** @returns 1 if some file is not what its name says */
export async function storeVerify(session: Session): Promise<number> {
  const store = await openStoreAt((await settingsOf(session)).store);
  using progress = progressOf(session);
  progress.step('hashing every file in the store');
  const check = await checkStore(store, progress, session.signal);
  progress.pause();
  session.answer(check, () =>
    [
      ...check.damaged.map((digest) => `damaged, set aside: ${digest}`),
      `${check.checked} files checked, ${check.damaged.length} damaged`,
      '',
    ].join('\n'),
  );
  return check.damaged.length === 0 ? exitCodes.match : exitCodes.mismatch;
}

export async function storePath(session: Session): Promise<number> {
  const { store } = await settingsOf(session);
  if (session.flags.json === true) session.answer({ path: store }, () => '');
  else session.print(`${printable(store)}\n`);
  return exitCodes.match;
}

function removalOf({ maxSize, olderThan }: GcFlags): Removal {
  const size = maxSize === undefined ? undefined : read('--max-size', maxSize, parseSize, '5GB');
  const age = olderThan ?? (maxSize === undefined ? defaultAge : undefined);
  const seconds = age === undefined ? undefined : read('--older-than', age, parseDuration, '30d');
  return {
    ...(size === undefined ? {} : { maxSize: size }),
    ...(seconds === undefined ? {} : { olderThan: seconds }),
  };
}

function read(flag: string, text: string, parse: (text: string) => number | undefined, example: string): number {
  const value = text === '0' ? 0 : parse(text);
  if (value !== undefined) return value;
  throw new SamesourceError('usage', `${flag}: expected something like ${example}, got "${text}"`);
}

function itemLine({ room, name, size, lastUsed }: StoreItem): string {
  return `${room.padEnd(6)} ${isoDay(lastUsed)} ${humanSize(size).padStart(9)}  ${printable(name)}`;
}

function isoDay(ms: number): string {
  return new Date(ms).toISOString().slice(0, 10);
}

function total(items: readonly StoreItem[]): number {
  return items.reduce((sum, { size }) => sum + size, 0);
}
