import { join } from 'node:path';
import { afterAll, beforeAll, describe, test } from 'vitest';
import { bubblewrapEngine } from '../../src/engine/bubblewrap/engine.ts';
import { closeInherited } from '../../src/platform/process.ts';
import { compileProbe, engineContainment } from './containment.ts';
import { engineContract, type UnderTest } from './contract.ts';
import { context, remove, scratch, smallRoot } from './support.ts';

closeInherited();
const root = scratch('engine');
const tree = join(root, 'tree');
smallRoot(tree);
const compiled = compileProbe(tree);
const engine = bubblewrapEngine();
const probe = await engine.probe(await context(root));

if (probe.works === undefined) {
  describe.skip(`bubblewrap, skipped: ${probe.fails?.why}`, () => test('contract', () => {}));
} else {
  let given: UnderTest;
  beforeAll(async () => {
    given = { kind: 'bubblewrap', engine, ctx: await context(root), root, tree };
  });
  engineContract('bubblewrap', () => given);
  engineContainment('bubblewrap', () => given, compiled);
}
afterAll(() => remove(root));
