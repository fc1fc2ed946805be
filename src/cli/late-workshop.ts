import { openWorkshop } from '../ledger/workshop.ts';
import type { Workshop } from '../ledger/types.ts';
import type { TemporaryDirectory } from '../store/store.ts';
import type { Session } from './session.ts';

export interface LateWorkshop extends AsyncDisposable {
  readonly workshop: Workshop;
}

/** A workshop whose room in the store is made when something large is unpacked: small files need none. */
export function lateWorkshop(session: Session): LateWorkshop {
  let room: Promise<TemporaryDirectory> | undefined;
  const make = async (): Promise<TemporaryDirectory> => {
    const { openStoreAt, settingsOf } = await import('./context.ts');
    const store = await openStoreAt((await settingsOf(session)).store);
    return store.temporary('compare');
  };
  const open = async (): Promise<string> => (await (room ??= make())).path;
  const workshop = openWorkshop(open, { now: Date.now, signal: session.signal });
  return {
    workshop,
    [Symbol.asyncDispose]: async () => {
      workshop[Symbol.dispose]();
      await (await room)?.[Symbol.asyncDispose]();
    },
  };
}
