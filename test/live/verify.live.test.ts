/** The whole program, as a user starts it: real packages, published examples, engines, machines and attacks. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll } from 'vitest';
import { removeTree, spacious, type Start } from './program.ts';
import { claims } from './verify-claims.ts';
import { engineParity } from './verify-engines.ts';
import { hostileRecipes } from './verify-hostile.ts';
import { bareMachine, fullDisk } from './verify-machines.ts';
import { packages } from './verify-packages.ts';

/** One store for all, so that each file is downloaded once. */
const root = spacious('live');
const start: Start = { store: join(root, 'store'), cwd: root };
mkdirSync(start.store);

packages(() => start);
claims(() => start);
engineParity(() => start);
bareMachine(() => start);
hostileRecipes(() => start);
fullDisk(() => start);

afterAll(() => removeTree(root), 60_000);
