/** 100,000 small files: our tree digests (gitTree and dirHash) against find and sha256sum. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { line, race } from './measure.js';

const program = fileURLToPath(new URL('programs/hash-tree.js', import.meta.url));
const files = 100_000;

export function hashTree(dir) {
  const tree = join(dir, 'tree');
  writeTree(tree);
  const [ours, theirs] = race(
    [
      { name: 'samesource', file: process.execPath, args: [program, tree] },
      {
        name: 'find and sha256sum',
        file: 'sh',
        args: ['-c', 'find "$1" -type f -print0 | xargs -0 sha256sum', 'sh', tree],
      },
    ],
    5,
  );
  const counted = [Number(ours.stdout.split(' ')[2]), theirs.stdout.trimEnd().split('\n').length];
  if (counted.some((count) => count !== files)) throw new Error(`not every file was hashed: ${counted.join(', ')}`);
  return {
    title: 'git tree id and dirHash of 100,000 small files (338 MB)',
    runs: [ours, theirs],
    lines: [line('time, against find and sha256sum', ours.seconds / theirs.seconds, '<', 1)],
  };
}

/** Sizes from 0 to 6760 bytes, spread evenly. */
function writeTree(tree) {
  for (let dir = 0; dir < files / 100; dir++) {
    const path = join(tree, `part-${dir % 20}`, `dir-${dir}`);
    mkdirSync(path, { recursive: true });
    for (let index = 0; index < 100; index++) {
      const size = ((dir * 100 + index) * 7919) % 6761;
      writeFileSync(join(path, `file-${index}.c`), Buffer.alloc(size, `${dir}/${index} `));
    }
  }
}
