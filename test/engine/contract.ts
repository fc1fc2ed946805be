/** What every engine must do. Called by the test of each engine, so that all pass the same. */
import { setTimeout as sleep } from 'node:timers/promises';
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { inside, type Engine, type EngineKind, type RunEnd, type RunPlan } from '../../src/engine/types.ts';
import type { Context } from '../../src/store/context.ts';
import { keptLog, plan, shell, skipped } from './support.ts';

export interface UnderTest {
  readonly kind: EngineKind;
  readonly engine: Engine;
  readonly ctx: Context;
  readonly root: string;
  readonly tree: string;
}

const seconds = 60_000;

/** `lacking` says why the engine cannot run here, if it cannot. */
export function engineContract(name: string, given: () => UnderTest, lacking?: string): void {
  const run = async (argv: readonly string[], more: Partial<RunPlan> = {}, ctx = given().ctx) => {
    const log = keptLog();
    const made = plan(given().root, given().tree, argv, more);
    const end = await given().engine.run(made, log.stream, ctx);
    return { end, text: log.text(), mount: made.mount.host, plan: made };
  };
  const limits = { seconds: 60, memoryBytes: 256 * 1024 * 1024, processes: 64, diskBytes: 16 * 1024 * 1024 };

  describe.skipIf(lacking !== undefined)(`${name}: contract${skipped(lacking)}`, { timeout: seconds }, () => {
    test.each([0, 7, 255])('passes on exit code %i', async (code) => {
      expect((await run(shell(`exit ${code}`))).end).toEqual({ kind: 'exited', code });
    });

    test('tells a signal from an exit code', async () => {
      expect((await run(shell('kill -9 $$'))).end).toEqual({ kind: 'killed', signal: 'SIGKILL' });
    });

    test('exits with 127 where the command is missing', async () => {
      expect((await run(['/no/such/program'])).end).toEqual({ kind: 'exited', code: 127 });
    });

    test('gives exactly the environment of the plan', async () => {
      const env = { PATH: '/bin', ODD: 'a b"$c\'\nsecond line', EMPTY: '' };
      const { text } = await run(['/bin/env', '-0'], { env });
      const pairs = text.split('\0').filter((pair) => pair !== '');
      expect(pairs.toSorted()).toEqual(['EMPTY=', `ODD=${env.ODD}`, 'PATH=/bin']);
    });

    test('is the same user, group, host and umask everywhere', async () => {
      const { text } = await run(shell('id -u; id -g; id -G; uname -n; umask; readlink /proc/self/cwd'));
      const { uid, gid, hostname } = inside;
      expect(text).toBe(`${uid}\n${gid}\n${gid}\n${hostname}\n0022\n/build\n`);
    });

    test('has no network but loopback', async () => {
      const { text } = await run(['/bin/cat', '/proc/net/dev']);
      expect([...text.matchAll(/^\s*(\w+):/gm)].map((line) => line[1])).toEqual(['lo']);
    });

    test('reads nothing from stdin, and logs both streams, by name too', async () => {
      const { end, text } = await run(
        shell('cat; echo out; echo err >&2; echo named > /dev/stdout; echo too > /dev/stderr'),
      );
      expect(end).toEqual({ kind: 'exited', code: 0 });
      expect(text.split('\n').toSorted()).toEqual(['', 'err', 'named', 'out', 'too']);
    });

    test('writes to its mount, /tmp and /dev/shm only', async () => {
      const script = [
        'for d in / /bin /opt /etc /dev /proc /sys; do mkdir $d/new 2>/dev/null && echo wrote $d; done',
        'for d in /build /tmp /dev/shm; do mkdir $d/new || echo no $d; done',
      ];
      const { text, mount } = await run(shell(script.join('\n')));
      expect(text).toBe('');
      expect(statSync(join(mount, 'new')).isDirectory()).toBe(true);
    });

    test('can use what was put into the mount before', async () => {
      const made = plan(given().root, given().tree, shell('cat old && echo new > old && mkdir dir/sub'));
      writeFileSync(join(made.mount.host, 'old'), 'old\n');
      mkdirSync(join(made.mount.host, 'dir'));
      const log = keptLog();
      expect(await given().engine.run(made, log.stream, given().ctx)).toEqual({ kind: 'exited', code: 0 });
      expect(readFileSync(join(made.mount.host, 'old'), 'utf8')).toBe('new\n');
    });

    test('gives the files of the build back', async () => {
      const { plan: ran } = await run(shell('mkdir -p a/b; echo x > a/b/c'));
      await given().engine.release(ran, given().ctx);
      rmSync(ran.mount.host, { recursive: true });
      expect(existsSync(ran.mount.host)).toBe(false);
    });

    test('stops at the time limit', async () => {
      const mark = marked();
      const { end } = await run(shell(`trap '' TERM INT HUP; ${mark.sleep} & ${mark.sleep}`), {
        limits: { ...limits, seconds: 1 },
      });
      expect(end).toEqual({ kind: 'limit', limit: 'time' });
      expect(mark.alive()).toEqual([]);
    });

    test('stops at the memory limit of all processes together', async () => {
      const script = 'for i in 1 2 3; do dd if=/dev/zero of=/dev/null bs=150M count=100000 & done; wait; sleep 5';
      expect((await run(shell(script), { limits })).end).toEqual({ kind: 'limit', limit: 'memory' });
    });

    test('stops at the disk limit', async () => {
      const script = 'i=0; while :; do i=$((i+1)); head -c 1000000 /dev/zero > f$i; done';
      expect((await run(shell(script), { limits })).end).toEqual({ kind: 'limit', limit: 'disk' });
    });

    test('lets no single file grow past the disk limit', async () => {
      const { mount, end } = await run(shell('head -c 100000000 /dev/zero > big'), { limits });
      expect(end).not.toEqual({ kind: 'exited', code: 0 });
      expect(statSync(join(mount, 'big')).size).toBeLessThanOrEqual(limits.diskBytes);
    });

    test('contains a fork bomb', async () => {
      const mark = marked();
      let most = 0;
      const watch = setInterval(() => (most = Math.max(most, mark.alive().length)), 100);
      const script = `# ${mark.text}\nbomb() { bomb | bomb & }; bomb; sleep 100`;
      const { end } = await run(shell(script), { limits: { ...limits, seconds: 3 } });
      clearInterval(watch);
      expect(end).not.toEqual({ kind: 'exited', code: 0 });
      expect(most).toBeLessThanOrEqual(limits.processes + 8);
      expect(mark.alive()).toEqual([]);
    });

    test('leaves no daemon behind', async () => {
      const mark = marked();
      const { end } = await run(shell(`(trap '' TERM HUP; exec ${mark.sleep}) > /dev/null 2>&1 & exit 0`));
      expect(end).toEqual({ kind: 'exited', code: 0 });
      expect(mark.alive()).toEqual([]);
    });

    test('stops when it is told to', async () => {
      const mark = marked();
      const stop = new AbortController();
      const ended = run(shell(mark.sleep), {}, { ...given().ctx, signal: stop.signal });
      const failed = ended.catch((error: unknown) => error);
      await mark.started();
      stop.abort(new Error('told to'));
      expect(await failed).toMatchObject({ message: 'told to' });
      expect(mark.alive()).toEqual([]);
    });

    test('starts nothing when it was told to stop before', async () => {
      const ctx = { ...given().ctx, signal: AbortSignal.abort(new Error('told to')) };
      await expect(run(shell('exit 0'), {}, ctx)).rejects.toThrow('told to');
    });

    test('leaves nothing behind when samesource itself is killed and then runs again', async () => {
      const mark = marked();
      const killed = client(given(), plan(given().root, given().tree, shell(mark.sleep)));
      await mark.started();
      killed.kill('SIGKILL');
      await sleep(1000);
      expect((await run(shell('exit 0'))).end satisfies RunEnd).toEqual({ kind: 'exited', code: 0 });
      expect(mark.alive()).toEqual([]);
    });

    test('refuses another platform', async () => {
      const other = given().ctx.platform === 'linux/amd64' ? 'linux/arm64' : 'linux/amd64';
      await expect(run(shell('exit 0'), { platform: other })).rejects.toMatchObject({ code: 'unsupported' });
    });

    test('probes what works', async () => {
      const probe = await given().engine.probe(given().ctx);
      expect(probe.fails).toBeUndefined();
      expect(probe.works?.name).toBe(given().kind);
    });
  });
}

let marks = 0;

/** A command line that can be found again among the machine's processes. */
function marked() {
  const text = `9${process.pid}${marks++}.25`;
  const alive = (): string[] =>
    readdirSync('/proc')
      .filter((name) => /^\d+$/.test(name))
      .map((pid) => commandLine(pid))
      .filter((line) => line.includes(text) && !line.includes('bwrap') && !/podman|docker|conmon/.test(line))
      .filter((line) => !line.includes('client.js'));
  const started = async (): Promise<void> => {
    for (let tries = 0; alive().length === 0; tries++) {
      if (tries > 200) throw new Error(`never started: ${text}`);
      await sleep(50);
    }
  };
  return { text, sleep: `sleep ${text}`, alive, started };
}

function commandLine(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
  } catch {
    return '';
  }
}

/** samesource's engine in a process of its own, that can be killed. */
function client(given: UnderTest, runPlan: RunPlan) {
  const job = { kind: given.kind, plan: runPlan, store: given.ctx.store.root, settings: given.ctx.settings };
  const entry = new URL('./client.js', import.meta.url).pathname;
  return spawn(process.execPath, [entry, JSON.stringify(job)], { stdio: 'inherit', env: { ...process.env } });
}
