import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { GitClaim } from '../../src/model/claim.ts';
import { gitId } from '../../src/model/digest.ts';
import { git } from '../../src/source/git.ts';
import { codeOf, contextIn, hasGit, makeRepository, temporary, type Repository } from './fixture.ts';

async function withSubmodule(base: string): Promise<{ outer: Repository; claim: GitClaim }> {
  const inner = await makeRepository(join(base, 'inner'), { 'lib/in.c': 'int in;\n' });
  await inner.commit('inner');
  const outer = await makeRepository(join(base, 'outer'), { 'out.c': 'int out;\n' });
  await outer.git('submodule', '--quiet', 'add', '../inner', 'vendor/inner');
  const commit = await outer.commit('outer');
  return { outer, claim: { kind: 'git', url: 'outer', commit } };
}

async function withGitmodules(outer: Repository, text: string): Promise<GitClaim> {
  writeFileSync(join(outer.dir, '.gitmodules'), text);
  const commit = await outer.commit('changed');
  return { kind: 'git', url: 'outer', commit, submodules: true };
}

/** A commit whose tree is given entry by entry, as no ordinary git would write it. */
async function rawTree(base: string, lines: readonly string[]): Promise<GitClaim> {
  const repository = await makeRepository(join(base, 'outer'), { 'x.c': 'int x;\n' });
  const blob = await repository.git('hash-object', '-w', 'x.c');
  const entries = lines.map((line) => {
    const [mode = '', name = ''] = line.split(' ');
    return Buffer.concat([Buffer.from(`${mode} ${name}\0`), Buffer.from(blob, 'hex')]);
  });
  writeFileSync(join(base, 'tree'), Buffer.concat(entries));
  const tree = await repository.git('hash-object', '--literally', '-t', 'tree', '-w', join(base, 'tree'));
  const commit = gitId(await repository.git('commit-tree', '-m', 'raw', tree));
  await repository.git('update-ref', 'refs/heads/trunk', commit);
  return { kind: 'git', url: 'outer', commit };
}

describe.skipIf(!hasGit)('submodules and odd trees (skipped where git is not installed)', () => {
  test('submodules are refused unless the claim names them', async () => {
    const base = temporary();
    const { claim } = await withSubmodule(base);
    expect(await codeOf(git.resolve(claim, await contextIn(base)))).toBe('unsupported');
  });

  test('submodules are fetched by the commit in the tree', async () => {
    const base = temporary();
    const { claim, outer } = await withSubmodule(base);
    const ctx = await contextIn(base);
    const wanted = { ...claim, submodules: true };
    const lock = await git.resolve(wanted, ctx);
    expect(lock.tree).toBe(await outer.git('rev-parse', 'HEAD^{tree}'));
    await (await git.fetch(wanted, lock, ctx)).place(base, 'placed');
    expect(readFileSync(join(base, 'placed/vendor/inner/lib/in.c'), 'utf8')).toBe('int in;\n');
    expect(existsSync(join(base, 'placed/vendor/inner/.git'))).toBe(false);
  });

  test.each(['ext::sh -c "touch marker"', '-u./payload', 'http://example.org/inner', 'ssh://example.org/inner'])(
    'a submodule from %s is not fetched',
    async (url) => {
      const base = temporary();
      const { outer } = await withSubmodule(base);
      const escaped = url.replaceAll('"', String.raw`\"`);
      const claim = await withGitmodules(outer, `[submodule "i"]\n\tpath = vendor/inner\n\turl = "${escaped}"\n`);
      expect(await codeOf(git.resolve(claim, await contextIn(base)))).toBe('archive-unsafe');
      expect(existsSync(join(base, 'marker'))).toBe(false);
    },
  );

  test('a submodule without an address, and with two', async () => {
    const base = temporary();
    const { outer } = await withSubmodule(base);
    const ctx = await contextIn(base);
    expect(await codeOf(git.resolve(await withGitmodules(outer, ''), ctx))).toBe('archive-unsafe');
    const twice =
      '[submodule "i"]\npath = vendor/inner\nurl = ../inner\n[submodule "j"]\npath = vendor/inner\nurl = ../x\n';
    expect(await codeOf(git.resolve(await withGitmodules(outer, twice), ctx))).toBe('archive-unsafe');
  });

  test.each([
    ['100644 ..'],
    ['100644 .git'],
    ['100644 .GIT'],
    ['100644 .g\u200cit'],
    ['100644 git~1'],
    ['100644 a/b'],
    ['100644 a', '100644 a'],
    ['100644 b', '100644 a'],
    ['120000 a', '100644 a'],
  ])('a hostile tree: %s %s', async (...lines) => {
    const base = temporary();
    const code = await codeOf(git.resolve(await rawTree(base, lines), await contextIn(base)));
    expect(['archive-unsafe', 'source-mismatch']).toContain(code);
  });
});
