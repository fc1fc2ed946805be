/** What every engine asks of a root before it mounts it. */
import { chmodSync, lstatSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { SamesourceError } from '../model/error.ts';
import { exists } from '../platform/files.ts';
import type { Context } from '../store/context.ts';
import type { RunPlan } from './types.ts';

const systemMounts = ['/proc', '/dev', '/tmp', '/sys'] as const;

/**
 * Checks a plan against this machine, and makes the missing directories of its mounts in the tree: a
 * read-only root cannot have them made later. The root's digest is not taken from the tree.
 * @throws SamesourceError `unsupported` for another platform, or a root that cannot be mounted upon
 */
export async function prepareRoot(plan: RunPlan, ctx: Context): Promise<void> {
  if (plan.platform !== ctx.platform) {
    throw new SamesourceError('unsupported', `platform ${plan.platform}: this machine is ${ctx.platform}`, {
      hint: `nothing is emulated; run samesource on a ${plan.platform} machine`,
    });
  }
  for (const path of [...systemMounts, plan.mount.inside]) makeMountPoint(plan.tree, path);
  openTemporary(join(plan.tree, 'tmp'));
  if (!(await exists(join(plan.tree, 'bin/sh')))) {
    throw new SamesourceError('unsupported', 'the toolchain has no /bin/sh', {
      hint: 'add a shell to the toolchain, e.g. the package dash',
    });
  }
}

/** OCI runtimes give their tmpfs the mode of the directory below it. */
function openTemporary(path: string): void {
  const found = lstatSync(path);
  if ((found.mode & 0o7777) !== 0o1777 && found.uid === process.getuid?.()) chmodSync(path, 0o1777);
}

/** A link on the way would lead out of the tree. */
function makeMountPoint(tree: string, path: string): void {
  let host = tree;
  for (const part of path.split('/').filter((name) => name !== '')) {
    if (part === '..') throw new SamesourceError('unsupported', `mount point ${path} leaves the root`);
    host = join(host, part);
    const found = lstatSync(host, { throwIfNoEntry: false });
    if (found === undefined) makeDirectoryOnce(host);
    else if (!found.isDirectory()) {
      throw new SamesourceError('unsupported', `mount point ${path}: ${host.slice(tree.length)} is no directory`);
    }
  }
}

/** Another process may be preparing the same tree. */
function makeDirectoryOnce(path: string): void {
  mkdirSync(path, { recursive: true, mode: 0o755 });
}
