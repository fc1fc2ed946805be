/** Tries everything that a build must not do, from inside; called by the test of each engine. */
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo, type Server } from 'node:net';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { keptLog, plan, skipped } from './support.ts';
import type { UnderTest } from './contract.ts';

const source = new URL('../../fixtures/probe/probe.c', import.meta.url).pathname;

/** Compiles the probe into a root; `undefined` says why not. */
export function compileProbe(tree: string): string | undefined {
  mkdirSync(join(tree, 'opt'), { recursive: true });
  try {
    execFileSync('cc', ['-static', '-O1', '-o', join(tree, 'opt/probe'), source], { stdio: 'pipe' });
    return undefined;
  } catch {
    return 'no C compiler with a static C library';
  }
}

interface Attempt {
  readonly probe: string;
  readonly possible: boolean;
  readonly detail: string;
}

export function engineContainment(name: string, given: () => UnderTest, lacking: string | undefined): void {
  describe.skipIf(lacking !== undefined)(`${name}: containment${skipped(lacking)}`, { timeout: 60_000 }, () => {
    test('a hostile build can do nothing of what it tries', async () => {
      const attempts = await attack(given());
      expect(attempts.at(-1)?.probe).toBe('end');
      expect(attempts.length).toBeGreaterThan(110);
      expect(attempts.filter((attempt) => attempt.possible)).toEqual([]);
    });
  });
}

/** The listeners, the process and the file that the probe looks for are really there. */
async function attack({ engine, ctx, root, tree }: UnderTest): Promise<Attempt[]> {
  const secret = join(root, 'secret');
  writeFileSync(secret, 'secret');
  chmodSync(secret, 0o644);
  const victim = spawn('sleep', ['60'], { stdio: 'ignore' });
  const abstract = `samesource-test-${process.pid}`;
  const tcp = createServer((socket) => socket.end()).listen(0, '127.0.0.1');
  const unix = createServer((socket) => socket.end()).listen(`\0${abstract}`);
  await Promise.all([listening(tcp), listening(unix)]);
  try {
    const port = String((tcp.address() as AddressInfo).port);
    const log = keptLog();
    const argv = ['/opt/probe', String(victim.pid), port, abstract, secret];
    const end = await engine.run(plan(root, tree, argv), log.stream, ctx);
    expect({ ...end, said: log.text() }).toMatchObject({ kind: 'exited', code: 0 });
    expect(existsSync(secret)).toBe(true);
    return log
      .text()
      .split('\n')
      .filter((line) => line.startsWith('{'))
      .map((line) => JSON.parse(line) as Attempt);
  } finally {
    victim.kill('SIGKILL');
    tcp.close();
    unix.close();
  }
}

async function listening(server: Server): Promise<void> {
  if (!server.listening) await once(server, 'listening');
}
