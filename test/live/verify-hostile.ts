/** Recipes that attack whoever builds them. An attack that succeeded would show in the outcome. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, cpSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parse, stringify } from 'yaml';
import { claimDigest } from '../../src/claim/digest.ts';
import { loadClaim } from '../../src/claim/load.ts';
import { fixtures, processesWith, removeTree, samesource, verify, type Start, type Verified } from './program.ts';

/** In the command line of everything that a recipe leaves running, and in the name of what it writes. */
const mark = `samesource-hostile-${process.pid}`;

/** Says `broken NAME` into the output if a command succeeds, so that the output is no longer identical. */
const attempt = `attempt() { name=$1; shift; if "$@" >/dev/null 2>&1; then echo "broken $name"; echo "$name" >> ../broken; fi; }`;
const tell = 'if [ -e ../broken ]; then cat ../broken >> tidewheel; fi';

interface Recipe {
  readonly name: string;
  readonly run: string;
  readonly limits?: Readonly<Record<string, string | number>>;
  /** Exit code, outcome, reason. */
  readonly ends: readonly [number, string, string | undefined];
}

const recipes: readonly Recipe[] = [
  {
    name: 'leaves a daemon that ignores every polite signal',
    run: `make && perl -e 'use POSIX; fork and exit; POSIX::setsid(); fork and exit; $SIG{$_} = "IGNORE" for qw(TERM HUP INT); $0 = "${mark}"; sleep 600' && sleep 1`,
    ends: [0, 'identical', undefined],
  },
  {
    name: 'forks without end',
    run: `perl -e '$0 = "${mark}"; fork while 1'`,
    limits: { processes: 32, time: '8s' },
    ends: [2, 'undecided', 'build-timeout'],
  },
  {
    name: 'takes all memory, in parts',
    // A single process would meet a limit of its own.
    run: `for n in 1 2 3 4 5 6 7 8; do perl -e '$0 = "${mark}"; $x = "x" x 6e7; sleep 60' & done; wait`,
    limits: { memory: '256MiB', time: '60s' },
    ends: [2, 'undecided', 'build-out-of-memory'],
  },
  {
    name: 'fills the disk with one file',
    run: 'cat /dev/zero > fill',
    limits: { disk: '64MiB', time: '60s' },
    ends: [2, 'undecided', 'build-failed'],
  },
  {
    name: 'fills the disk with many files',
    run: 'n=0; while :; do head -c 8000000 /dev/zero > fill$n; n=$((n + 1)); done',
    limits: { disk: '64MiB', time: '60s' },
    ends: [2, 'undecided', 'build-out-of-disk'],
  },
  {
    name: 'leaves a file with a hole larger than any disk',
    run: 'truncate -s 8T tidewheel',
    limits: { disk: '64MiB', time: '60s' },
    ends: [2, 'undecided', 'build-failed'],
  },
  {
    name: 'fills the log',
    run: `yes ${mark}`,
    limits: { disk: '64MiB', time: '60s' },
    ends: [2, 'undecided', 'build-out-of-disk'],
  },
  {
    name: 'kills its own supervisor',
    run: 'kill -KILL -1; kill -KILL $PPID; kill -KILL 1; kill -KILL $$',
    ends: [2, 'undecided', 'build-failed'],
  },
  { name: 'leaves nothing', run: 'true', ends: [2, 'undecided', 'output-missing'] },
  {
    name: 'leaves a link to a file of the host',
    run: 'ln -s /etc/passwd tidewheel',
    ends: [4, 'refused', 'output-unsafe'],
  },
  {
    name: 'leaves a link to the right file',
    run: 'make && mv tidewheel real && ln -s real tidewheel',
    ends: [4, 'refused', 'output-unsafe'],
  },
  {
    name: 'turns its directory into a link',
    run: 'make && cd .. && mv tidewheel real && ln -s real tidewheel',
    ends: [4, 'refused', 'output-unsafe'],
  },
  { name: 'leaves a FIFO', run: 'mkfifo tidewheel', ends: [4, 'refused', 'output-unsafe'] },
  { name: 'leaves a directory', run: 'mkdir tidewheel', ends: [4, 'refused', 'output-unsafe'] },
  {
    name: 'leaves a socket',
    run: `perl -MIO::Socket::UNIX -e 'IO::Socket::UNIX->new(Local => "tidewheel", Listen => 1) or die'`,
    ends: [4, 'refused', 'output-unsafe'],
  },
];

export function hostileRecipes(start: () => Start): void {
  describe('a recipe that', { timeout: 180_000 }, () => {
    test.each(recipes)('$name', async ({ run, limits, ends }) => {
      const done = await verifyRecipe(run, start(), limits);
      expect([done.code, done.verdict.outcome, done.verdict.reason?.code]).toEqual(ends);
      expect(done.seconds).toBeLessThan(90);
      expect(processesWith(mark)).toEqual([]);
      expect(readdirSync(join(start().store, 'tmp'))).toEqual([]);
    });

    test('attacks the host reaches nothing', async () => {
      await using host = await bait(start());
      const done = await verifyRecipe(`${attempt}\n${attacks(host)}\nmake\n${tell}`, start());
      expect(host.reached).toEqual([]);
      expect(host.victim.exitCode ?? host.victim.signalCode).toBeNull();
      expect(readFileSync(host.secret, 'utf8')).toBe('medlar\n');
      expect(places(start()).filter((dir) => existsSync(join(dir, mark)))).toEqual([]);
      const log = readFileSync(done.verdict.build?.log.path ?? '', 'utf8');
      expect(log.split('\n').filter((line) => line.startsWith('broken'))).toEqual([]);
      expect([done.code, done.verdict.outcome]).toEqual([0, 'identical']);
    });

    test('attacks nothing, but the same attempts where they succeed, differs', async () => {
      const done = await verifyRecipe(`${attempt}\nattempt nothing true\nmake\n${tell}`, start());
      expect([done.code, done.verdict.outcome]).toEqual([1, 'different']);
    });
  });
}

interface Bait extends AsyncDisposable {
  readonly port: number;
  readonly abstract: string;
  /** Whoever came through a socket. */
  readonly reached: string[];
  readonly victim: ReturnType<typeof spawn>;
  readonly secret: string;
  readonly released: string;
}

/** A listener, a process and a file on the host that the recipe knows all about. */
async function bait({ store }: Start): Promise<Bait> {
  const reached: string[] = [];
  const abstract = `${mark}-socket`;
  const tcp = createServer((socket) => void (reached.push('tcp'), socket.end())).listen(0);
  const unix = createServer((socket) => void (reached.push('unix'), socket.end())).listen(`\0${abstract}`);
  await Promise.all([once(tcp, 'listening'), once(unix, 'listening')]);
  const secret = join(dirname(store), 'secret');
  writeFileSync(secret, 'medlar\n');
  chmodSync(secret, 0o666);
  const victim = spawn('sleep', ['300'], { stdio: 'ignore' });
  return {
    port: (tcp.address() as AddressInfo).port,
    abstract,
    reached,
    victim,
    secret,
    released: join(fixtures, 'c-program/released/tidewheel'),
    [Symbol.asyncDispose]: async () => {
      victim.kill('SIGKILL');
      tcp.close();
      unix.close();
    },
  };
}

function attacks({ port, abstract, victim, secret, released }: Bait): string {
  const connect = (what: string): string => `perl -MSocket -e '${what}'`;
  return [
    `attempt tcp ${connect(`socket(S, PF_INET, SOCK_STREAM, 0) or exit 1; connect(S, pack_sockaddr_in(${port}, inet_aton("127.0.0.1"))) or exit 1`)}`,
    `attempt route ${connect('socket(S, PF_INET, SOCK_DGRAM, 0) or exit 1; connect(S, pack_sockaddr_in(53, inet_aton("192.0.2.1"))) or exit 1')}`,
    `attempt abstract ${connect(`socket(S, PF_UNIX, SOCK_STREAM, 0) or exit 1; connect(S, pack_sockaddr_un("\\0${abstract}")) or exit 1`)}`,
    'attempt names getent hosts example.org',
    `attempt read cat ${secret}`,
    `attempt released cat ${released}`,
    `attempt through-root cat /proc/1/root${secret}`,
    `attempt kill kill -KILL ${victim.pid}`,
    `attempt look cat /proc/${victim.pid}/cmdline`,
    ...['/', '/etc', '/usr/bin', '/var/tmp', '/root', '/home', '/proc/sys/kernel', '/sys', '/dev'].map(
      (dir) => `attempt write-${dir.replaceAll('/', '-')} sh -c ': > ${dir}/${mark}'`,
    ),
    "attempt sysrq sh -c 'echo h > /proc/sysrq-trigger'",
    "attempt core sh -c 'echo x > /proc/sys/kernel/core_pattern'",
    'attempt remount mount -o remount,rw /',
    'attempt mount mount -t tmpfs none /tmp',
    'attempt namespace unshare --user --map-root-user true',
    'attempt network unshare --net true',
    'attempt device mknod disk b 8 0',
    'attempt owner chown 0:0 .',
    'attempt date date -s 2001-01-01',
    'attempt hostname hostname quince',
    ': > /tmp/' + mark,
  ].join('\n');
}

function places({ store }: Start): string[] {
  return ['/', '/etc', '/usr/bin', '/tmp', '/var/tmp', '/root', '/home', '/dev', '/dev/shm', store];
}

/** The example's claim and lock with another recipe: same source, toolchain and released file. */
async function verifyRecipe(run: string, start: Start, limits?: Recipe['limits']): Promise<Verified> {
  const dir = join(dirname(start.store), 'hostile');
  removeTree(dir);
  mkdirSync(dir, { recursive: true });
  cpSync(await lockedExample(start), dir, { recursive: true });
  const path = join(dir, 'samesource.yaml');
  const claim = parse(readFileSync(path, 'utf8')) as { build: object };
  const build = { ...claim.build, run, ...(limits === undefined ? {} : { limits }) };
  writeFileSync(path, stringify({ ...claim, build }));
  const lock = join(dir, 'samesource.lock.json');
  const locked = JSON.parse(readFileSync(lock, 'utf8')) as object;
  writeFileSync(lock, JSON.stringify({ ...locked, claim: claimDigest(await loadClaim(path)) }));
  return verify([dir], start);
}

/** Locked anew, once: the committed lock may name packages that the archive no longer has. */
async function lockedExample(start: Start): Promise<string> {
  const dir = join(dirname(start.store), 'example');
  if (existsSync(dir)) return dir;
  cpSync(join(fixtures, 'c-program'), dir, { recursive: true });
  expect(await samesource(['lock', dir], start)).toMatchObject({ code: 0 });
  return dir;
}
