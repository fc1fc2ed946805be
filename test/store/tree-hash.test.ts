import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { sha256Of } from '../../src/platform/digest.ts';
import { exec } from '../../src/platform/exec.ts';
import { dirHashOf, gitTreeOf, treeDigests } from '../../src/store/tree-hash.ts';
import { codeOf, hasGit, makeRepository, temporary, writeTree, type Tree } from '../source/fixture.ts';

// Names around a directory's: git sorts it as if its name ended in a slash.
const tree: Tree = {
  a: 'file\n',
  'a.c': 'dot\n',
  'a-b': 'dash\n',
  a0: 'zero\n',
  'd/x': 'in d\n',
  'd.c': 'dot\n',
  'd-': 'dash\n',
  d0: 'zero\n',
  run: { run: '#!/bin/sh\n' },
  link: { link: 'd/x' },
  '\u{1f350}': 'beyond the basic plane\n',
  '\uff5e': 'after it in UTF-16, before it in UTF-8\n',
};

test.skipIf(!hasGit).each(['sha1', 'sha256'] as const)(
  'git gives the same tree id: %s (skipped where git is not installed)',
  async (format) => {
    const base = temporary();
    const repository = await makeRepository(join(base, 'repo'), tree, format);
    await repository.commit('one');
    writeTree(join(base, 'plain'), tree);
    mkdirSync(join(base, 'plain/empty'));
    const found = await treeDigests(join(base, 'plain'), format);
    expect(found.gitTree).toBe(await repository.git('rev-parse', 'HEAD^{tree}'));
    expect(gitTreeOf(found.files, format)).toBe(found.gitTree);
  },
);

test('the empty tree', async () => {
  const found = await treeDigests(temporary());
  expect(found.gitTree).toBe('4b825dc642cb6eb9a060e54bf8d69288fbee4904');
  expect(found.dirHash).toBe(sha256Of(''));
});

test('dirHash is over sorted lines, and a link counts by its target', async () => {
  const base = temporary();
  writeTree(base, { 'b/c': 'one', 'b.c': 'two', l: { link: 'b.c' } });
  const lines = `${sha256Of('two')}  b.c\n${sha256Of('one')}  b/c\n${sha256Of('b.c')}  l\n`;
  expect((await treeDigests(base)).dirHash).toBe(sha256Of(lines));
  expect(() => dirHashOf([{ path: 'a\nb', sha256: sha256Of('') }])).toThrow(
    expect.objectContaining({ code: 'unsupported' }),
  );
});

test('what is neither file, link nor directory is refused', async () => {
  const base = temporary();
  await exec({ file: 'mkfifo', args: [join(base, 'pipe')], env: { PATH: process.env['PATH'] ?? '' } });
  expect(await codeOf(treeDigests(base))).toBe('archive-unsafe');
});
