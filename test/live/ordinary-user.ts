/** Accounts for tests that root runs, and what their programs need around them. */
import { execFileSync } from 'node:child_process';
import { chownSync, existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

export interface Account {
  readonly uid: number;
  readonly gid: number;
}

/** The first account with subordinate ids, made if there is none. */
export function ordinaryUser(): Account | undefined {
  const find = (): string | undefined => /^([^:]+):/m.exec(read('/etc/subuid'))?.[1];
  if (find() === undefined && existsSync('/usr/sbin/useradd')) {
    execFileSync('useradd', ['--create-home', 'samesource-test']);
  }
  const line = read('/etc/passwd')
    .split('\n')
    .find((entry) => entry.startsWith(`${find() ?? 'nobody at all'}:`));
  const [, , uid, gid] = line?.split(':') ?? [];
  return uid === undefined || gid === undefined ? undefined : { uid: Number(uid), gid: Number(gid) };
}

/** A home with a store and a directory for sockets, and the environment that names them. */
export function homeOf(account: Account, home: string, path = process.env['PATH']): Record<string, string | undefined> {
  for (const dir of [home, join(home, 'run'), join(home, 'store')]) {
    mkdirSync(dir, { mode: 0o700 });
    chownSync(dir, account.uid, account.gid);
  }
  return { PATH: path, HOME: home, XDG_RUNTIME_DIR: join(home, 'run'), TMPDIR: home };
}

function read(path: string): string {
  return existsSync(path) ? readFileSync(path, 'utf8') : '';
}
