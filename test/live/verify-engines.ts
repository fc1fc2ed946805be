/** Every engine, as root and as an ordinary user, gives the same root, the same bytes and the same verdict. */
import { execFileSync } from 'node:child_process';
import { chmodSync, cpSync, existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startDockerDaemon, type DockerDaemon } from './docker-daemon.ts';
import { homeOf, ordinaryUser } from './ordinary-user.ts';
import { fixtures, isRoot, samesource, turn, verify, type Start, type Verified } from './program.ts';

const engines = ['bubblewrap', 'podman', 'docker'] as const;
const users = isRoot ? ['root', 'an ordinary user'] : ['an ordinary user'];

/** Results by claim; each has to be what the first was. */
const agreed = new Map<string, unknown>();

export function engineParity(start: () => Start): void {
  describe.concurrent('the same claim', { timeout: 600_000 }, () => {
    let daemon: DockerDaemon | undefined;
    let claims: Readonly<Record<string, string>>;
    let starts: Readonly<Record<string, Start>>;

    beforeAll(async () => {
      const dir = dirname(start().store);
      if (isRoot && missing('dockerd') === undefined) daemon = await openToAll(join(dir, 'docker'));
      claims = await lockedClaims(start());
      starts = startsOf(start(), daemon?.host);
    }, 120_000);

    for (const user of users) {
      for (const engine of engines) {
        const lacking = engine === 'bubblewrap' ? undefined : missing(engine);
        test.skipIf(lacking !== undefined).each(['c-program', 'ucf'])(
          `%s in ${engine} as ${user}${lacking === undefined ? '' : `: skipped, ${lacking}`}`,
          async (name) => {
            const using = starts[user] ?? start();
            const words = [claims[name] ?? '', '--engine', engine, ...config(using)];
            const done = await turn(() => verify(words, using));
            expect([done.code, done.verdict.outcome, done.verdict.engine?.name]).toEqual([0, 'identical', engine]);
            const result = essence(done);
            if (!agreed.has(name)) agreed.set(name, result);
            expect(result).toEqual(agreed.get(name));
          },
        );
      }
    }

    afterAll(async () => {
      // Without root podman keeps a process of its own for the next time.
      const home = starts['an ordinary user'];
      if (missing('podman') === undefined && home !== undefined) {
        execFileSync('podman', ['system', 'migrate'], { stdio: 'ignore', cwd: '/', env: home.env, ...home.user });
      }
      await daemon?.[Symbol.asyncDispose]();
    }, 60_000);
  });
}

/** What must not depend on engine or user. */
function essence({ verdict }: Verified): unknown {
  const { claim, source, toolchain, artifacts } = verdict;
  const rebuilt = artifacts.map(({ name, outcome, rebuilt: { sha256, size } = {} }) => ({
    name,
    outcome,
    sha256,
    size,
  }));
  expect(toolchain?.digest).toMatch(/^[0-9a-f]{64}$/);
  return { claim: claim.sha256, source, toolchain, rebuilt };
}

async function openToAll(dir: string): Promise<DockerDaemon> {
  const daemon = await startDockerDaemon(dir);
  chmodSync(daemon.host.replace('unix://', ''), 0o666);
  return daemon;
}

/** Locked once, so that all verify the same. */
async function lockedClaims(start: Start): Promise<Record<string, string>> {
  const dir = join(dirname(start.store), 'parity');
  const claims = { 'c-program': join(dir, 'c-program'), ucf: join(dir, 'ucf') };
  cpSync(join(fixtures, 'c-program'), claims['c-program'], { recursive: true });
  mkdirSync(claims.ucf);
  const steps: readonly (readonly [string[], string])[] = [
    [['lock'], claims['c-program']],
    [['init', 'pkg:deb/debian/ucf?distro=bookworm'], claims.ucf],
    [['lock'], claims.ucf],
  ];
  for (const [words, cwd] of steps) expect(await samesource(words, { ...start, cwd })).toMatchObject({ code: 0 });
  return claims;
}

/** The user has a store of their own: nothing that root made is used. */
function startsOf(start: Start, dockerHost: string | undefined): Record<string, Start> {
  const dir = dirname(start.store);
  writeFileSync(join(dir, 'config.yaml'), JSON.stringify(settings(dockerHost)));
  const user = isRoot ? ordinaryUser() : undefined;
  if (user === undefined) return { [users[0] ?? '']: start };
  const home = join(dir, 'home');
  const ordinary: Start = { store: join(home, 'store'), env: homeOf(user, home), user, cwd: home };
  return { root: start, 'an ordinary user': ordinary };
}

function settings(dockerHost: string | undefined): object {
  // Where cgroups are in hybrid mode, crun fails.
  const podman = missing('runc') === undefined ? { podman: { runtime: 'runc' } } : {};
  return { ...podman, ...(dockerHost === undefined ? {} : { docker: { host: dockerHost } }) };
}

function config(start: Start): string[] {
  const own = join(dirname(start.store), 'config.yaml');
  return ['--config', existsSync(own) ? own : join(dirname(start.store), '../config.yaml')];
}

function missing(program: string): string | undefined {
  const dirs = ['/usr/bin', '/usr/sbin', '/bin', '/sbin', '/usr/local/bin'];
  return dirs.some((dir) => existsSync(join(dir, program))) ? undefined : `${program} is not installed`;
}
