import { join } from 'node:path';
import { afterAll } from 'vitest';
import { bubblewrap } from '../../src/engine/bubblewrap/engine.ts';
import { closeInherited } from '../../src/platform/process.ts';
import { compileProbe, engineContainment } from './containment.ts';
import { engineContract, type UnderTest } from './contract.ts';
import { context, remove, scratch, smallRoot } from './support.ts';

closeInherited();
const root = scratch('engine');
const tree = join(root, 'tree');
smallRoot(tree);
const compiled = compileProbe(tree);
const engine = bubblewrap;
const ctx = await context(root);
const lacking = (await engine.probe(ctx)).fails?.why;
const given: UnderTest = { kind: 'bubblewrap', engine, ctx, root, tree };

engineContract('bubblewrap', () => given, lacking);
engineContainment('bubblewrap', () => given, lacking ?? compiled);

afterAll(() => remove(root));
