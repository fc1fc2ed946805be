import { loadClaim } from '../../claim/load.ts';
import { writeLock } from '../../claim/lock-file.ts';
import { printable } from '../../format/printable.ts';
import type { Lock } from '../../model/lock.ts';
import { lockClaim } from '../../pipeline/lock.ts';
import { openContext } from '../context.ts';
import type { Session } from '../session.ts';
import { claimTarget } from '../targets.ts';

/** Resolves a claim and writes its lock next to it. */
export async function lock(session: Session, word: string): Promise<number> {
  const target = await claimTarget(word, session.io.cwd);
  const claim = await loadClaim(target.path);
  const made = await resolveLock(session, target.base, claim);
  const path = await writeLock(target.path, made);
  session.answer(made, () => `wrote ${printable(path)}\n`);
  return 0;
}

async function resolveLock(session: Session, base: string, claim: Parameters<typeof lockClaim>[0]): Promise<Lock> {
  await using open = await openContext(session, base);
  return await lockClaim(claim, open.ctx);
}
