/**
 * Which directories a tree had when it was made. Engines need mount points and may make them in the
 * tree; an export must not depend on what ran in it.
 */
import { lstatSync, readdirSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { exists } from '../platform/files.ts';

/** Modification times, seconds since 1970, by path relative to the tree, which itself is left out. */
export type Directories = ReadonlyMap<string, number>;

const recordOf = (tree: string): string => `${tree}.directories`;

/** Called once, when a tree is complete; the record lies beside it. */
export async function recordDirectories(tree: string): Promise<void> {
  const found: [string, number][] = [];
  const visit = (path: string): void => {
    if (path !== '') found.push([path, Math.floor(lstatSync(join(tree, path)).mtimeMs / 1000)]);
    for (const entry of readdirSync(join(tree, path), { withFileTypes: true })) {
      if (entry.isDirectory()) visit(path === '' ? entry.name : `${path}/${entry.name}`);
    }
  };
  visit('');
  await writeFile(recordOf(tree), JSON.stringify(found));
}

/** `undefined` for a tree without a record. */
export async function recordedDirectories(tree: string): Promise<Directories | undefined> {
  if (!(await exists(recordOf(tree)))) return undefined;
  return new Map(JSON.parse(await readFile(recordOf(tree), 'utf8')) as [string, number][]);
}
