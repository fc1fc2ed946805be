/** The claims that are published as examples, each to the verdict that its comment promises. */
import { cpSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { fixtures, samesource, verify, type Start, type Verified } from './program.ts';

export function claims(start: () => Start): void {
  describe('an example claim', { timeout: 300_000 }, () => {
    test.each(['c-program', 'node-package'])('%s is identical', async (name) => {
      const { code, verdict } = await verifyExample(name, start());
      expect([code, verdict.outcome]).toEqual([0, 'identical']);
    });

    test('changed-byte differs in the one byte', async () => {
      const { code, verdict } = await verifyExample('changed-byte', start());
      expect([code, verdict.outcome]).toEqual([1, 'different']);
      expect(verdict.artifacts[0]?.difference).toMatchObject({ bytes: 1, firstOffset: 8244 });
    });

    test('does-not-build decides nothing', async () => {
      const { code, verdict } = await verifyExample('does-not-build', start());
      expect([code, verdict.outcome, verdict.reason?.code]).toEqual([2, 'undecided', 'build-failed']);
    });
  });
}

/** With its committed lock, or with a fresh one if the archive has moved on from what that names. */
async function verifyExample(name: string, start: Start): Promise<Verified> {
  const committed = await verify([join(fixtures, name)], start);
  if (committed.verdict.reason?.code !== 'toolchain-unavailable') return committed;
  const copy = join(copyExamples(start), name);
  expect(await samesource(['lock', copy], start)).toMatchObject({ code: 0 });
  return verify([copy], start);
}

/** All of them, since one names a file of another. */
export function copyExamples({ store }: Start): string {
  const copy = join(dirname(store), 'claims');
  cpSync(fixtures, copy, { recursive: true });
  return copy;
}
