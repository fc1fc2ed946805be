import { spawnSync } from 'node:child_process';
import { openSync } from 'node:fs';
import { expect, test } from 'vitest';

const processModule = new URL('../../dist/platform/process.js', import.meta.url).href;

/** Node itself marks the first 16 descriptors that it inherits; this one is beyond them. */
const far = 20;

test('descriptors that came from our parent are not handed on', () => {
  const stdio = ['ignore', 'pipe', 'inherit', ...Array.from({ length: far - 3 }, () => 'ignore' as const)] as const;
  const script = `
    const { spawnSync } = await import('node:child_process');
    const { closeInherited } = await import('${processModule}');
    const has = () => spawnSync('ls', ['/proc/self/fd'], { encoding: 'utf8' }).stdout.split('\\n').includes('${far}');
    const before = has();
    closeInherited();
    console.log(before, has());`;
  const run = spawnSync(process.execPath, ['--input-type=module', '-e', script], {
    encoding: 'utf8',
    stdio: [...stdio, openSync('/dev/null', 'r')],
  });
  expect(run.stdout).toBe('true false\n');
});
