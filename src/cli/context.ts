/** The context of a command that does real work: settings, store, network, progress. */
import { messageOf, SamesourceError } from '../model/error.ts';
import type { Platform } from '../model/claim.ts';
import { httpClient, noNetwork } from '../platform/http.ts';
import type { Context } from '../store/context.ts';
import { leaseStore } from '../store/lease.ts';
import { openStore, type Store } from '../store/store.ts';
import { createProgress, type LiveProgress } from './progress.ts';
import type { Session } from './session.ts';
import { chooseSettings, type Chosen } from './settings.ts';

export interface OpenContext extends AsyncDisposable {
  readonly ctx: Context;
  readonly progress: LiveProgress;
  readonly chosen: Chosen;
}

/** @param base directory against which a claim's relative paths are read */
export async function openContext(session: Session, base: string): Promise<OpenContext> {
  const { io, flags, signal } = session;
  const chosen = await settingsOf(session);
  const store = await openStoreAt(chosen.store);
  const lease = await leaseStore(store, signal);
  const progress = progressOf(session);
  return {
    progress,
    chosen,
    ctx: {
      store,
      progress,
      signal,
      base,
      http: flags.offline === true ? noNetwork : httpClient(io.env),
      settings: chosen.settings,
      now: () => new Date(),
      env: io.env,
      platform: ownPlatform(),
    },
    [Symbol.asyncDispose]: async () => {
      progress[Symbol.dispose]();
      await lease[Symbol.asyncDispose]();
    },
  };
}

export function settingsOf({ io, flags }: Session): Promise<Chosen> {
  return chooseSettings(flags, io);
}

export function progressOf({ io, flags, color }: Session): LiveProgress {
  return createProgress({ screen: io.stderr, quiet: flags.quiet === true, color, env: io.env });
}

export async function openStoreAt(root: string): Promise<Store> {
  try {
    return await openStore(root);
  } catch (error) {
    const detail = messageOf(error);
    throw new SamesourceError('usage', `opening the store: ${detail}`, {
      cause: error,
      hint: 'give another directory with --store DIR',
    });
  }
}

function ownPlatform(): Platform {
  if (process.platform === 'linux' && process.arch === 'x64') return 'linux/amd64';
  if (process.platform === 'linux' && process.arch === 'arm64') return 'linux/arm64';
  throw new SamesourceError('unsupported', `builds do not run on ${process.platform}/${process.arch} yet`, {
    hint: 'run samesource on Linux, x86-64 or arm64',
  });
}
