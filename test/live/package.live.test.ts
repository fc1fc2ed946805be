/** What `npm pack` gives installs and runs in an empty directory. Needs the package registry. */
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';
import { exec, type Finished } from '../../src/platform/exec.ts';

const repository = fileURLToPath(new URL('../..', import.meta.url));

function command(file: string, args: readonly string[], cwd: string): Promise<Finished> {
  const env = Object.fromEntries(
    Object.entries(process.env).filter((pair): pair is [string, string] => pair[1] !== undefined),
  );
  return exec({ file, args, cwd, env });
}

test('the packed tarball installs and runs in an empty directory', { timeout: 180_000 }, async () => {
  const dir = await mkdtemp(join(tmpdir(), 'samesource-pack-'));
  onTestFinished(() => rm(dir, { recursive: true, force: true }));
  const packed = await command('npm', ['pack', '--ignore-scripts', '--pack-destination', dir], repository);
  expect(packed.exitCode, packed.stderr).toBe(0);
  const [tarball] = (await readdir(dir)).filter((name) => name.endsWith('.tgz'));
  expect(tarball).toMatch(/^samesource-\d/);

  const installed = await command('npm', ['install', '--no-audit', '--no-fund', `./${tarball ?? ''}`], dir);
  expect(installed.exitCode, installed.stderr).toBe(0);
  const help = await command(join(dir, 'node_modules/.bin/samesource'), ['--help'], dir);
  expect([help.exitCode, help.stderr]).toEqual([0, '']);
  expect(help.stdout).toContain('samesource verify');

  const schema = await command('npx', ['samesource', 'schema', 'verdict'], dir);
  expect(JSON.parse(schema.stdout)).toMatchObject({ type: 'object' });
  const unusable = await command('npx', ['samesource', 'verify', '--store', join(dir, 's'), 'nowhere.yaml'], dir);
  expect(unusable.exitCode).toBe(64);
});
