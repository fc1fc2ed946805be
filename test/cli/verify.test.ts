import { writeFile, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parseClaim } from '../../src/claim/load.ts';
import { claimDigest } from '../../src/claim/digest.ts';
import { writeLock } from '../../src/claim/lock-file.ts';
import { exitCodes } from '../../src/model/error.ts';
import { sha256Of } from '../../src/platform/digest.ts';
import { verdictSchema } from '../../src/report/verdict-schema.ts';
import { session, temporary } from './session.ts';

const shipped = 'the shipped bytes';
const source = 'no archive at all';

const claimText = `claim: 1
name: widget 7
source:
  archive: widget-7.tar
  sha256: ${sha256Of(source)}
toolchain:
  debian: { suite: bookworm, packages: [make] }
  platform: linux/amd64
build: { dir: /build/widget, run: make }
artifacts:
  - path: widget
    released: shipped/../widget.bin
`;

/** A claim with its lock, the shipped file and, if wanted, its source. */
async function claimed(files: Readonly<Record<string, string>>): Promise<string> {
  const cwd = await temporary();
  const claim = parseClaim(claimText, 'widget.yaml');
  const path = join(cwd, 'widget.yaml');
  await writeFile(path, claimText);
  const [artifact] = claim.artifacts;
  if (artifact === undefined) throw new Error('the example has an artifact');
  await writeLock(path, {
    lock: 1,
    claim: claimDigest(claim),
    source: {
      kind: 'archive',
      url: 'widget-7.tar',
      sha256: sha256Of(source),
      size: source.length,
      dirHash: sha256Of('tree'),
      epoch: 1,
    },
    toolchain: {
      kind: 'debian',
      platform: 'linux/amd64',
      indexes: [
        { suite: 'bookworm', date: 'now', inRelease: sha256Of('r'), packages: sha256Of('p'), signedBy: ['somebody'] },
      ],
      packages: [],
    },
    artifacts: [
      { path: 'widget', released: artifact.released, urls: [], sha256: sha256Of(shipped), size: shipped.length },
    ],
  });
  for (const [name, text] of Object.entries(files)) await writeFile(join(cwd, name), text);
  return cwd;
}

describe.each([
  ['a shipped file that changed', { 'widget.bin': 'other bytes' }, exitCodes.refused, 'refused', 'digest-mismatch'],
  ['a shipped file that is gone', {}, exitCodes.undecided, 'undecided', 'artifact-unavailable'],
  ['a source that is gone', { 'widget.bin': shipped }, exitCodes.undecided, 'undecided', 'source-unavailable'],
  [
    'a source that changed',
    { 'widget.bin': shipped, 'widget-7.tar': `${source}!` },
    exitCodes.refused,
    'refused',
    undefined,
  ],
] as const)('%s', (_, files, exit, outcome, code) => {
  test('ends in a verdict, on the screen and in its exit code', async () => {
    const ended = await session(['verify', '--offline', 'widget.yaml'], { cwd: await claimed(files) });
    expect(ended.exit).toBe(exit);
    expect(ended.stdout.split('\n')[0]).toBe(outcome.toUpperCase());
    expect(ended.stdout).not.toContain('\u001b');
    expect(ended.stderr).toMatch(/^fetching/);
  });

  test('ends in the same verdict as JSON, and saves it', async () => {
    const cwd = await claimed(files);
    const argv = ['verify', '--offline', '--json', '--report-file', 'report.json', 'widget.yaml'];
    const ended = await session(argv, { cwd });
    expect(ended.exit).toBe(exit);
    const verdict = verdictSchema.parse(JSON.parse(ended.stdout));
    expect(verdict.outcome).toBe(outcome);
    if (code !== undefined) expect(verdict.reason?.code).toBe(code);
    expect(await readFile(join(cwd, 'report.json'), 'utf8')).toBe(ended.stdout);
  });

  test('says nothing if quiet', async () => {
    const ended = await session(['verify', '--offline', '--quiet', 'widget.yaml'], { cwd: await claimed(files) });
    expect(ended).toEqual({ exit, stdout: '', stderr: '' });
  });
});

test('a stale lock is refused before anything is fetched', async () => {
  const cwd = await claimed({ 'widget.bin': shipped });
  await writeFile(join(cwd, 'widget.yaml'), claimText.replace('run: make', 'run: make all'));
  const { exit, stdout } = await session(['verify', '--json', '--offline', 'widget.yaml'], { cwd });
  expect(exit).toBe(exitCodes.refused);
  expect(JSON.parse(stdout)).toMatchObject({ error: { code: 'lock-stale' } });
});

test('several targets give one JSON document', async () => {
  const cwd = await claimed({ 'widget.bin': 'other bytes' });
  const { exit, stdout } = await session(['verify', '--json', '--offline', 'widget.yaml', 'gone.yaml'], { cwd });
  expect(exit).toBe(exitCodes.usage);
  expect(JSON.parse(stdout)).toMatchObject([{ outcome: 'refused' }, { error: { code: 'usage' } }]);
});
