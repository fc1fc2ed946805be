import {
  existsSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  readlinkSync,
  renameSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { GitClaim } from '../../src/model/claim.ts';
import type { GitId } from '../../src/model/digest.ts';
import { git } from '../../src/source/git.ts';
import {
  codeOf,
  commitTime,
  contextIn,
  hasGit,
  makeRepository,
  temporary,
  type Repository,
  type Tree,
} from './fixture.ts';

const tree: Tree = {
  Makefile: 'all:\n\tcc hello.c\n',
  'src/hello.c': 'int main(void) { return 0; }\n',
  'tools/gen': { run: '#!/bin/sh\n' },
  latest: { link: 'src/hello.c' },
  'src.d/ümlaut ß.txt': 'weiß\n',
};

async function tagged(base: string, extra: Tree = {}): Promise<{ repository: Repository; claim: GitClaim }> {
  const repository = await makeRepository(join(base, 'repo'), { ...tree, ...extra });
  const commit = await repository.commit('first');
  await repository.git('tag', '-a', '-m', 'release', 'v1.4');
  return { repository, claim: { kind: 'git', url: 'repo', tag: 'v1.4', commit } };
}

describe.skipIf(!hasGit)('git source (skipped where git is not installed)', () => {
  test('locks tag object, commit, tree and dirHash, and writes the tree', async () => {
    const base = temporary();
    const { repository, claim } = await tagged(base);
    const ctx = await contextIn(base);
    const lock = await git.resolve(claim, ctx);
    expect(lock).toMatchObject({
      url: 'repo',
      ref: 'refs/tags/v1.4',
      tagObject: await repository.git('rev-parse', 'refs/tags/v1.4'),
      tree: await repository.git('rev-parse', 'HEAD^{tree}'),
      epoch: commitTime,
      signature: { status: 'not-required' },
    });
    const fetched = await git.fetch(claim, lock, ctx);
    await fetched.place(base, 'placed');
    expect(fetched.epoch).toBe(commitTime);
    expect(readFileSync(join(base, 'placed/src/hello.c'), 'utf8')).toBe(tree['src/hello.c']);
    expect(readlinkSync(join(base, 'placed/latest'))).toBe('src/hello.c');
    for (const path of ['tools/gen', 'src', 'latest'])
      expect(lstatSync(join(base, 'placed', path)).mtimeMs).toBe(commitTime * 1000);
    expect(lstatSync(join(base, 'placed/tools/gen')).mode & 0o777).toBe(0o755);
    expect(existsSync(join(base, 'placed/.git'))).toBe(false);
  });

  test('a lightweight tag, and no tag at all', async () => {
    const base = temporary();
    const { repository, claim } = await tagged(base);
    await repository.git('tag', 'light');
    const ctx = await contextIn(base);
    const light = await git.resolve({ ...claim, tag: 'light' }, ctx);
    expect(light.tagObject).toBeUndefined();
    const { tag: _, ...bare } = claim;
    const none = await git.resolve(bare, ctx);
    expect(none.ref).toBeUndefined();
    expect(none.dirHash).toBe(light.dirHash);
  });

  test('a SHA-256 repository', async () => {
    const base = temporary();
    const repository = await makeRepository(join(base, 'repo'), tree, 'sha256');
    const commit = await repository.commit('first');
    await repository.git('tag', 'v1.4');
    const ctx = await contextIn(base);
    const claim: GitClaim = { kind: 'git', url: 'repo', tag: 'v1.4', commit };
    const lock = await git.resolve(claim, ctx);
    expect(lock.tree).toHaveLength(64);
    await (await git.fetch(claim, lock, ctx)).place(base, 'placed');
    expect(existsSync(join(base, 'placed/Makefile'))).toBe(true);
  });

  test('a second run needs neither the repository nor a network', async () => {
    const base = temporary();
    const { claim } = await tagged(base);
    const ctx = await contextIn(base);
    const lock = await git.resolve(claim, ctx);
    renameSync(join(base, 'repo'), join(base, 'gone'));
    const fetched = await git.fetch(claim, lock, ctx);
    await fetched.place(base, 'placed');
    expect(ctx.notes.some((note) => note.includes('could not be asked'))).toBe(true);
    expect(readdirSync(join(base, 'store/tmp'))).toEqual([]);
  });

  test('a damaged object in the store is fetched anew', async () => {
    const base = temporary();
    const { claim } = await tagged(base);
    const ctx = await contextIn(base);
    const lock = await git.resolve(claim, ctx);
    const [name = ''] = readdirSync(join(base, 'store/trees'));
    const packs = join(base, 'store/trees', name, 'objects/pack');
    const objects = join(base, 'store/trees', name, 'objects');
    for (const file of existsSync(packs) ? readdirSync(packs) : []) renameSync(join(packs, file), join(base, file));
    for (const dir of readdirSync(objects).filter((entry) => entry.length === 2)) {
      renameSync(join(objects, dir), join(base, `loose-${dir}`));
    }
    expect((await git.fetch(claim, lock, ctx)).identity).toMatchObject({ dirHash: lock.dirHash });
  });

  test('a moved tag is noticed when it is locked and when it is verified', async () => {
    const base = temporary();
    const { repository, claim } = await tagged(base);
    const ctx = await contextIn(base);
    const lock = await git.resolve(claim, ctx);
    writeFileSync(join(repository.dir, 'evil.c'), 'x');
    await repository.commit('second');
    await repository.git('tag', '-f', '-a', '-m', 'release', 'v1.4');
    expect(await codeOf(git.fetch(claim, lock, ctx))).toBe('ref-moved');
    expect(await codeOf(git.resolve(claim, ctx))).toBe('ref-moved');
  });

  test('a tag object replaced by another one for the same commit, and a deleted tag', async () => {
    const base = temporary();
    const { repository, claim } = await tagged(base);
    const ctx = await contextIn(base);
    const lock = await git.resolve(claim, ctx);
    await repository.git('tag', '-f', '-a', '-m', 'another message', 'v1.4');
    expect(await codeOf(git.fetch(claim, lock, ctx))).toBe('ref-moved');
    await repository.git('tag', '-d', 'v1.4');
    expect(await codeOf(git.fetch(claim, lock, ctx))).toBe('ref-moved');
    expect(await codeOf(git.resolve(claim, await contextIn(join(base, 'other'))))).toBe('source-unavailable');
  });

  test('a tag object stored under the name of another release', async () => {
    const base = temporary();
    const { repository, claim } = await tagged(base);
    await repository.git('update-ref', 'refs/tags/v9.9', 'refs/tags/v1.4');
    expect(await codeOf(git.resolve({ ...claim, tag: 'v9.9' }, await contextIn(base)))).toBe('source-mismatch');
  });

  test.each(['refs/heads/v1.4', 'refs/heads/refs/tags/v1.4', 'refs/heads/tags/v1.4'])(
    'a branch that shadows the tag is not taken: %s',
    async (shadow) => {
      const base = temporary();
      const { repository, claim } = await tagged(base);
      writeFileSync(join(repository.dir, 'evil.c'), 'x');
      await repository.commit('second');
      await repository.git('update-ref', shadow, 'HEAD');
      const lock = await git.resolve(claim, await contextIn(base));
      expect(lock.commit).toBe(claim.commit);
      await repository.git('tag', '-d', 'v1.4');
      const other = join(base, 'other');
      mkdirSync(other);
      const branchOnly = { ...claim, url: '../repo' };
      expect(await codeOf(git.resolve(branchOnly, await contextIn(other)))).toBe('source-unavailable');
    },
  );

  test('a tree that is not the one of the commit, and a commit that is not there', async () => {
    const base = temporary();
    const { claim } = await tagged(base);
    const ctx = await contextIn(base);
    const other = '5'.repeat(40) as GitId;
    expect(await codeOf(git.resolve({ ...claim, tree: other }, ctx))).toBe('source-mismatch');
    expect(await codeOf(git.resolve({ ...claim, commit: other }, ctx))).toBe('ref-moved');
    expect(await codeOf(git.resolve({ kind: 'git', url: 'repo', commit: other }, ctx))).toBe('source-unavailable');
    expect(await codeOf(git.resolve({ kind: 'git', url: 'nowhere', commit: other }, ctx))).toBe('source-unavailable');
  });

  test.each([
    '--upload-pack=touch marker',
    'ext::sh -c "touch marker"',
    'http://example.org/x.git',
    'git://example.org/x',
    'ftp://example.org/x',
    '-oProxyCommand=x:y',
    'ssh://-oProxyCommand=touch/x',
    '',
  ])('the address %j is refused', async (url) => {
    const base = temporary();
    const claim: GitClaim = { kind: 'git', url, commit: 'a'.repeat(40) as GitId };
    expect(await codeOf(git.resolve(claim, await contextIn(base)))).toBe('claim-invalid');
    expect(readdirSync(base)).toEqual(['store']);
  });

  test.each(['-x', 'a..b', 'a b', 'a~1', 'a^{}', 'x.lock', '/x', 'a//b', '.hidden', '@{1}', 'a\u0007'])(
    'the tag name %j is refused',
    async (tag) => {
      const base = temporary();
      const { claim } = await tagged(base);
      expect(await codeOf(git.resolve({ ...claim, tag }, await contextIn(base)))).toBe('claim-invalid');
    },
  );

  test('hooks, filters, attributes and line-end settings of the repository do nothing', async () => {
    const base = temporary();
    const marker = join(base, 'marker');
    const { repository, claim } = await tagged(base, {
      '.gitattributes': '*.c filter=evil\n*.txt export-ignore text eol=crlf\nid export-subst ident\n',
      id: '$Format:%H$ $Id$\n',
      'plain.txt': 'one\ntwo\n',
    });
    const hooks = join(repository.dir, '.git/hooks');
    mkdirSync(hooks, { recursive: true });
    for (const hook of ['post-checkout', 'post-merge', 'reference-transaction', 'pre-receive', 'post-upload-pack']) {
      writeFileSync(join(hooks, hook), `#!/bin/sh\ntouch ${marker}\n`, { mode: 0o755 });
    }
    for (const key of ['filter.evil.smudge', 'filter.evil.clean', 'core.fsmonitor', 'uploadpack.packObjectsHook']) {
      await repository.git('config', key, `touch ${marker}; cat`);
    }
    const ctx = await contextIn(base);
    await (await git.fetch(claim, await git.resolve(claim, ctx), ctx)).place(base, 'placed');
    expect(existsSync(marker)).toBe(false);
    expect(readFileSync(join(base, 'placed/id'), 'utf8')).toBe('$Format:%H$ $Id$\n');
    expect(readFileSync(join(base, 'placed/plain.txt'), 'utf8')).toBe('one\ntwo\n');
  });

  test('the configuration of the user who runs it is not read', async () => {
    const base = temporary();
    const { claim } = await tagged(base);
    const ctx = await contextIn(base);
    const home = join(base, 'home');
    mkdirSync(home);
    writeFileSync(join(home, '.gitconfig'), `[url "${base}/elsewhere"]\n\tinsteadOf = ${base}/repo\n`);
    const lock = await git.resolve(claim, {
      ...ctx,
      env: { ...ctx.env, HOME: home, GIT_DIR: '/nowhere', GIT_SSH_COMMAND: 'false' },
    });
    expect(lock.commit).toBe(claim.commit);
  });

  test('git-lfs pointers stay pointers and are said, lfs itself is not supported', async () => {
    const base = temporary();
    const { claim } = await tagged(base, {
      'big.bin': `version https://git-lfs.github.com/spec/v1\noid sha256:${'0'.repeat(64)}\nsize 12345\n`,
    });
    const ctx = await contextIn(base);
    await git.resolve(claim, ctx);
    expect(ctx.notes.some((note) => note.includes('big.bin'))).toBe(true);
    expect(await codeOf(git.resolve({ ...claim, lfs: true }, ctx))).toBe('unsupported');
  });

  test('no git, and too old a git', async () => {
    const base = temporary();
    const { claim } = await tagged(base);
    const ctx = await contextIn(base);
    expect(await codeOf(git.resolve(claim, { ...ctx, env: { PATH: base } }))).toBe('source-unavailable');
    writeFileSync(join(base, 'git'), '#!/bin/sh\necho git version 2.39.3\n', { mode: 0o755 });
    expect(await codeOf(git.resolve(claim, { ...ctx, env: { PATH: `${base}:/usr/bin:/bin` } }))).toBe(
      'source-unavailable',
    );
  });
});
