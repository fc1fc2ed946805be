/** Machines that lack something: programs, or room on the disk. */
import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readdirSync, symlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { homeOf, ordinaryUser } from './ordinary-user.ts';
import { blobs, fixtures, isRoot, samesource, verify, type Start } from './program.ts';

/** No bwrap, xz, git, dpkg, gpg, tar or ar among them. */
const coreutils = [
  'cat',
  'chmod',
  'cp',
  'env',
  'id',
  'ls',
  'mkdir',
  'mv',
  'rm',
  'sh',
  'sleep',
  'stat',
  'true',
  'uname',
];

export function bareMachine(start: () => Start): void {
  describe('a machine with Node and little else', { timeout: 300_000 }, () => {
    test('verifies a package as an ordinary user, with a bubblewrap that is brought', async () => {
      const bare = bareStart(start());
      const done = await verify(['pkg:deb/debian/ca-certificates?distro=bookworm'], bare);
      expect([done.code, done.verdict.outcome]).toEqual([0, 'identical']);
      expect(done.verdict.engine?.name).toBe('bubblewrap');
      expect(done.verdict.engine?.origin).toMatch(/^brought by samesource: bubblewrap_/);
    });
  });
}

function bareStart({ store }: Start): Start {
  const dir = join(dirname(store), 'bare');
  const path = join(dir, 'bin');
  mkdirSync(path, { recursive: true });
  symlinkSync(process.execPath, join(path, 'node'));
  for (const name of coreutils)
    symlinkSync(existsSync(`/usr/bin/${name}`) ? `/usr/bin/${name}` : `/bin/${name}`, join(path, name));
  const home = join(dir, 'home');
  const user = isRoot ? ordinaryUser() : undefined;
  const account = user ?? { uid: process.getuid?.() ?? 0, gid: process.getgid?.() ?? 0 };
  const env = homeOf(account, home, path);
  return { store: join(home, 'store'), cwd: home, env, ...(user === undefined ? {} : { user }) };
}

/** Room for: nothing; some packages; all packages and part of the root. */
const sizes = ['1m', '30m', '140m'] as const;

export function fullDisk(start: () => Start): void {
  describe.skipIf(!isRoot)(`a full disk${isRoot ? '' : ': skipped, only root can mount a small one'}`, () => {
    let claim: string;
    let disk: string;

    beforeAll(async () => {
      const dir = join(dirname(start().store), 'full');
      claim = join(dir, 'c-program');
      disk = join(dir, 'disk');
      cpSync(join(fixtures, 'c-program'), claim, { recursive: true });
      mkdirSync(disk);
      expect(await samesource(['lock', claim], start())).toMatchObject({ code: 0 });
    }, 120_000);

    test.each(sizes)('of %s decides nothing and breaks nothing', { timeout: 180_000 }, async (size) => {
      execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${size},mode=755`, 'samesource-test', disk]);
      try {
        const small: Start = { store: join(disk, 'store'), cwd: claim };
        const full = await verify([], small);
        expect([full.code, full.verdict.outcome, full.verdict.reason?.code]).toEqual([2, 'undecided', 'disk-full']);
        expect(await samesource(['store', 'verify'], small)).toMatchObject({ code: 0, json: { damaged: [] } });
        expect(readdirSync(join(small.store, 'tmp'))).toEqual([]);
        const kept = blobs(small.store);

        execFileSync('mount', ['-o', 'remount,size=3g', disk]);
        const done = await verify([], small);
        expect([done.code, done.verdict.outcome]).toEqual([0, 'identical']);
        expect(blobs(small.store)).toEqual(expect.arrayContaining(kept));
      } finally {
        execFileSync('umount', [disk]);
      }
    });
  });
}
