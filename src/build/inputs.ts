/**
 * The released artifact must not be among the inputs of the build: a recipe that copies it would
 * prove nothing.
 */
import { opendir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { SamesourceError } from '../model/error.ts';
import type { Sha256 } from '../model/digest.ts';
import { hashFile } from '../platform/digest.ts';

export interface Released {
  readonly path: string;
  readonly sha256: Sha256;
  readonly size: number;
}

/** @throws SamesourceError `artifact-in-source` */
export async function requireAbsent(
  released: readonly Released[],
  dirs: readonly { readonly label: string; readonly path: string }[],
): Promise<void> {
  const sizes = new Set(released.map((one) => one.size));
  for (const dir of dirs) {
    for await (const path of filesOfSize(dir.path, sizes)) {
      const { sha256 } = await hashFile(path);
      const same = released.find((one) => one.sha256 === sha256);
      if (same === undefined) continue;
      throw new SamesourceError(
        'artifact-in-source',
        `the released ${same.path} lies in the ${dir.label} as ${path.slice(dir.path.length + 1)}`,
        {
          hint: 'a build that can copy the released file proves nothing; take it out of the inputs',
        },
      );
    }
  }
}

async function* filesOfSize(dir: string, sizes: ReadonlySet<number>): AsyncGenerator<string> {
  for await (const entry of await opendir(dir)) {
    const path = join(dir, entry.name);
    if (entry.isDirectory()) yield* filesOfSize(path, sizes);
    else if (entry.isFile() && sizes.has((await stat(path)).size)) yield path;
  }
}
