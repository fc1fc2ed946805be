import { resolve } from 'node:path';
import { loadClaim } from '../../claim/load.ts';
import { readLock } from '../../claim/lock-file.ts';
import { printable } from '../../format/printable.ts';
import type { Lock } from '../../model/lock.ts';
import { exportToolchain } from '../../pipeline/toolchain.ts';
import { openContext } from '../context.ts';
import type { Session } from '../session.ts';
import { claimTarget } from '../targets.ts';

export interface ExportFlags {
  readonly output: string;
  readonly form: 'layout' | 'archive';
}

/** Writes the locked toolchain of a claim as an OCI image. */
export async function toolchainExport(session: Session, word: string, flags: ExportFlags): Promise<number> {
  const target = await claimTarget(word, session.io.cwd);
  const lock = await readLock(target.path, await loadClaim(target.path));
  const path = resolve(session.io.cwd, flags.output);
  const { digest, manifest } = await write(session, target.base, lock, { path, form: flags.form });
  session.answer({ path, digest, manifest }, () =>
    [`wrote ${path}`, `toolchain ${digest}`, `manifest  ${manifest}`, ''].map(printable).join('\n'),
  );
  return 0;
}

async function write(
  session: Session,
  base: string,
  lock: Lock,
  target: { readonly path: string; readonly form: ExportFlags['form'] },
): Promise<Awaited<ReturnType<typeof exportToolchain>>> {
  await using open = await openContext(session, base);
  return await exportToolchain(lock, open.ctx, target);
}
