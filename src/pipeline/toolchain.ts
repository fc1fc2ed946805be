import type { Lock } from '../model/lock.ts';
import { exportRoot, type ExportWish } from '../toolchain/export.ts';
import type { Context } from '../store/context.ts';
import { prepareToolchain } from './stages.ts';

export interface ExportedToolchain {
  /** The root's own digest, as verdicts name it. */
  readonly digest: string;
  /** Digest of the OCI manifest: what another claim's `image` names. */
  readonly manifest: string;
}

/** Writes a locked toolchain as an OCI image. */
export async function exportToolchain(lock: Lock, ctx: Context, target: ExportWish): Promise<ExportedToolchain> {
  ctx.progress.step('preparing the toolchain');
  const root = await prepareToolchain(lock, ctx);
  ctx.progress.step(`writing ${target.path}`);
  const { manifest } = await exportRoot(root, target, ctx);
  return { digest: root.identity.digest, manifest };
}
