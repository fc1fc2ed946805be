/**
 * The released artifact must not be among the inputs of the build: a recipe that copies it would
 * prove nothing.
 */
import { lstatSync, readdirSync } from 'node:fs';
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
    for (const path of filesOfSize(dir.path, sizes)) {
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

/** Synchronous: a root has tens of thousands of files, and waiting for each takes longer than the look. */
function* filesOfSize(dir: string, sizes: ReadonlySet<number>): Generator<string> {
  for (const entry of readdirSync(dir, { withFileTypes: true })) {
    const path = join(dir, entry.name);
    if (entry.isDirectory()) yield* filesOfSize(path, sizes);
    else if (entry.isFile() && sizes.has(lstatSync(path).size)) yield path;
  }
}
