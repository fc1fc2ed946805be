import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { compareFiles, type Held } from '../../src/compare/compare.ts';
import { openView } from '../../src/platform/view.ts';
import { temporary } from '../source/fixture.ts';

function held(dir: string, name: string, content: Uint8Array | string): Held {
  const path = join(dir, name);
  writeFileSync(path, content);
  return { path, view: openView(path) };
}

describe('two files', () => {
  test('are identical by both digests and every byte', async () => {
    const dir = temporary();
    const { identical, released, rebuilt, found } = await compareFiles(
      held(dir, 'a', 'heather'),
      held(dir, 'b', 'heather'),
    );
    expect({ identical, bytes: found.bytes }).toEqual({ identical: true, bytes: 0 });
    expect(released).toEqual(rebuilt);
    expect(released).toMatchObject({ size: 7, secondHash: 'agreed' });
  });

  test.each([
    ['heather', 'leaTher', 2],
    ['heath', 'heather', 2],
    ['', 'x', 1],
  ])('%s and %s are not', async (left, right, bytes) => {
    const dir = temporary();
    const { identical, found } = await compareFiles(held(dir, 'a', left), held(dir, 'b', right));
    expect({ identical, bytes: found.bytes }).toEqual({ identical: false, bytes });
  });

  test('that are empty are no match', async () => {
    const dir = temporary();
    expect((await compareFiles(held(dir, 'a', ''), held(dir, 'b', ''))).identical).toBe(false);
  });

  test('mutation: no flipped, added or lost byte leaves a match', async () => {
    const dir = temporary();
    const honest = Buffer.from(Array.from({ length: 400 }, (_, index) => (index * 7) % 251));
    const released = held(dir, 'released', honest);
    const mutants: Buffer[] = [honest.subarray(0, -1), Buffer.concat([honest, Buffer.from('\0')]), Buffer.alloc(0)];
    for (let at = 0; at < honest.length; at += 5) {
      const mutant = Buffer.from(honest);
      mutant[at] = (mutant[at] ?? 0) ^ 1;
      mutants.push(mutant);
    }
    for (const mutant of mutants) {
      expect((await compareFiles(released, held(dir, 'mutant', mutant))).identical).toBe(false);
    }
  });
});
