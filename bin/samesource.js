#!/usr/bin/env node
import { processIo } from '../dist/cli/io.js';
import { run } from '../dist/cli/run.js';
import { closeInherited } from '../dist/platform/process.js';

if (process.platform === 'linux') closeInherited();
process.exitCode = await run(process.argv.slice(2), processIo());
