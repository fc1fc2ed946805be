import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { exitCodes } from '../../src/model/error.ts';
import { gitClaim } from '../claim/examples.ts';
import { session, temporary } from './session.ts';

const schemas = new URL('../../fixtures/schemas/', import.meta.url);

describe('help', () => {
  test('names every verb and every exit code', async () => {
    const { exit, stdout, stderr } = await session(['--help']);
    expect([exit, stderr]).toEqual([0, '']);
    for (const verb of [
      'verify',
      'lock',
      'init',
      'doctor',
      'store',
      'toolchain',
      'schema',
      'explain-exit',
      'completion',
    ]) {
      expect(stdout).toMatch(new RegExp(`^ {2}${verb}\\b`, 'm'));
    }
    for (const [name, code] of Object.entries(exitCodes)) expect(stdout).toContain(`${code} ${name}`);
  });

  test.each(
    ['verify', 'lock', 'init', 'doctor', 'store', 'store ls', 'store gc', 'store verify', 'store path', 'toolchain']
      .concat(['toolchain export', 'schema', 'explain-exit', 'completion'])
      .map((verb) => [verb]),
  )('%s has an example', async (verb) => {
    const { exit, stdout } = await session([...verb.split(' '), '--help']);
    expect(exit).toBe(0);
    expect(stdout).toContain('Example:\n  $ ');
    expect(stdout).toContain('--json');
  });

  test('the version is that of the package', async () => {
    const text = await readFile(new URL('../../package.json', import.meta.url), 'utf8');
    const { version } = JSON.parse(text) as { version: string };
    expect(await session(['--version'])).toEqual({ exit: 0, stdout: `${version}\n`, stderr: '' });
  });
});

describe('usage', () => {
  test.each([
    ['nothing', []],
    ['an unknown verb', ['verifyy']],
    ['an unknown option', ['verify', '--frob']],
    ['a missing value', ['verify', '--output']],
    ['an unknown engine', ['verify', '--engine', 'qemu']],
    ['an unknown outcome to accept', ['verify', '--accept', 'different']],
    ['a mirror of another archive', ['doctor', '--mirror', 'ubuntu=http://localhost/']],
    ['a mirror without an address', ['doctor', '--mirror', 'debian']],
    ['a snapshot that is no address', ['doctor', '--snapshot', 'yesterday']],
    ['a target that is not there', ['verify', 'nowhere.yaml']],
    ['no claim where none was named', ['verify']],
    ['a package URL that is none', ['verify', 'pkg:nothing']],
    ['--check with a claim', ['verify', '--check', 'samesource.yaml']],
    ['--output with two targets', ['verify', '--output', 'x', 'pkg:deb/debian/aa', 'pkg:deb/debian/bb']],
    ['init without a terminal', ['init']],
    ['a size that is none', ['store', 'gc', '--max-size', 'big']],
    ['an age that is none', ['store', 'gc', '--older-than', '-1d']],
    ['an unknown exit code', ['explain-exit', '5']],
    ['an exit code that is no number', ['explain-exit', 'x']],
    ['an unknown shell', ['completion', 'csh']],
    ['an unknown document', ['schema', 'recipe']],
    ['too many words', ['lock', 'a', 'b']],
  ])('%s ends in 64', async (_, argv) => {
    const { exit, stdout, stderr } = await session(argv);
    expect([exit, stdout]).toEqual([exitCodes.usage, '']);
    expect(stderr).toMatch(/^error: [^\n]+\n(?:hint: [^\n]+\n)?$/);
  });

  test('an unknown verb names the nearest one', async () => {
    expect((await session(['verifi'])).stderr).toContain('verify');
  });

  test('with --json an error is one JSON document too', async () => {
    const { exit, stdout } = await session(['--json', 'verify', 'nowhere.yaml']);
    expect(JSON.parse(stdout)).toMatchObject({ error: { code: 'usage' }, exit });
  });

  test('a hostile word cannot reach the screen', async () => {
    const { stdout, stderr } = await session(['explain-exit', '\u001b[2J\r\n::error::x\u202e']);
    const bytes = [...Buffer.from(stdout + stderr)];
    expect(bytes.filter((byte) => byte !== 10 && (byte < 32 || byte > 126))).toEqual([]);
    expect(stderr).not.toMatch(/^\s*::/m);
  });
});

describe('claims', () => {
  async function withClaim(text: string): Promise<string> {
    const cwd = await temporary();
    await writeFile(join(cwd, 'samesource.yaml'), text);
    return cwd;
  }

  test('a malformed claim is refused with its position', async () => {
    const cwd = await withClaim(gitClaim.replace('  tag:', '  tagg:'));
    const { exit, stderr } = await session(['verify'], { cwd });
    expect(exit).toBe(exitCodes.refused);
    expect(stderr).toMatch(/^error: samesource\.yaml:5:3: /);
  });

  test('a claim without a lock is a usage error that says what to type', async () => {
    const { exit, stderr } = await session(['verify'], { cwd: await withClaim(gitClaim) });
    expect(exit).toBe(exitCodes.usage);
    expect(stderr).toMatch(/^hint: .*samesource lock/m);
  });

  test('a malformed lock is refused', async () => {
    const cwd = await withClaim(gitClaim);
    await writeFile(join(cwd, 'samesource.lock.json'), '{"lock": 1, "lock": 2}');
    expect((await session(['verify'], { cwd })).exit).toBe(exitCodes.refused);
  });

  test('several targets end in the worst of their codes, and each is answered', async () => {
    const cwd = await withClaim('claim: 2\n');
    await writeFile(join(cwd, 'other.yaml'), gitClaim);
    const { exit, stdout } = await session(['verify', '--json', '.', 'other.yaml'], { cwd });
    expect(exit).toBe(exitCodes.usage);
    expect(JSON.parse(stdout)).toMatchObject([
      { error: { code: 'claim-invalid' } },
      { error: { code: 'lock-missing' } },
    ]);
  });

  test('init does not overwrite a claim', async () => {
    const cwd = await withClaim(gitClaim);
    const { exit } = await session(['init', '--offline', 'pkg:deb/debian/jq'], { cwd });
    expect(exit).not.toBe(0);
    expect(await readFile(join(cwd, 'samesource.yaml'), 'utf8')).toBe(gitClaim);
  });
});

describe('without network', () => {
  test.each(['pkg:deb/debian/ca-certificates', 'pkg:cobol/x@1'])('%s cannot be decided', async (purl) => {
    const { exit } = await session(['verify', '--offline', purl]);
    expect(exit).toBe(exitCodes.undecided);
  });

  test('an interrupt ends in 130', async () => {
    const { exit } = await session(['verify', '--offline', 'pkg:deb/debian/ca-certificates'], {
      interruptible: (interrupt) => interrupt(),
    });
    expect(exit).toBe(exitCodes.interrupted);
  });
});

describe('schema', () => {
  test.each(['claim', 'lock', 'verdict', 'comparison'])('the published schema of a %s is current', async (name) => {
    const { exit, stdout } = await session(['schema', name]);
    expect(exit).toBe(0);
    expect(await readFile(new URL(`${name}.schema.json`, schemas), 'utf8')).toBe(stdout);
  });
});

describe('small verbs', () => {
  test('explain-exit', async () => {
    const { exit, stdout } = await session(['explain-exit', '2', '--json']);
    expect(exit).toBe(0);
    const { errors } = JSON.parse(stdout) as { errors: { code: string }[] };
    expect(errors.map(({ code }) => code)).toContain('source-unavailable');
  });

  test.each(['bash', 'zsh', 'fish'])('completion for %s knows verbs, options and choices', async (shell) => {
    const { exit, stdout } = await session(['completion', shell]);
    expect(exit).toBe(0);
    for (const word of ['verify', 'older-than', 'report-file', 'verdict']) expect(stdout).toContain(word);
  });

  test('store path prints the directory and makes nothing', async () => {
    const { exit, stdout } = await session(['store', 'path', '--store', '/somewhere/else']);
    expect([exit, stdout]).toEqual([0, '/somewhere/else\n']);
  });
});
