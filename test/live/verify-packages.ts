/** Real packages of Debian, each verified by one command. */
import { mkdirSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { blobs, isRoot, outcomes, samesource, turn, verify, type Start } from './program.ts';

/** With how many files its source makes. */
const identical: readonly (readonly [name: string, distro: string, files: number])[] = [
  ['ca-certificates', 'bookworm', 1],
  ['tzdata', 'bookworm', 1],
  ['debian-archive-keyring', 'bookworm', 1],
  ['debootstrap', 'bookworm', 1],
  ['ucf', 'bookworm', 1],
  ['base-files', 'bookworm', 1],
  ['jq', 'bookworm', 3],
  ['libpng16-16', 'bookworm', 3],
  ['libcap2', 'bookworm', 4],
];

/** Their build records what Debian's machines did and we cannot know: the compiler's build directory. */
const different: readonly (readonly [name: string, member: string])[] = [
  ['tree', 'data.tar.xz/usr/bin/tree'],
  ['ed', 'data.tar.xz/bin/ed'],
];

export function packages(start: () => Start): void {
  describe.concurrent('a Debian package', { timeout: 600_000 }, () => {
    test.each(identical)('%s of %s is identical in all its %i files', async (name, distro, files) => {
      const done = await turn(() => verify([`pkg:deb/debian/${name}?distro=${distro}`], start()));
      const found = outcomes(done);
      expect({ code: done.code, found: Object.values(found) }).toEqual({
        code: 0,
        found: Array.from({ length: files }, () => 'identical'),
      });
      expect(Object.keys(found).some((file) => file.startsWith(`${name}_`))).toBe(true);
    });

    test.each(different)('%s differs, and %s is named with its bytes', async (name, member) => {
      const done = await turn(() => verify([`pkg:deb/debian/${name}?distro=bookworm`], start()));
      expect({ code: done.code, outcome: done.verdict.outcome }).toEqual({ code: 1, outcome: 'different' });
      const found = done.verdict.artifacts[0]?.difference?.files.find((one) => one.path === member);
      expect(found).toMatchObject({ change: 'changed' });
      expect(found?.bytes).toBeGreaterThan(0);
    });

    test('a build that needs the network decides nothing', async () => {
      const done = await turn(() => verify(['pkg:deb/debian/dns-root-data?distro=bookworm'], start()));
      expect(ending(done)).toEqual([2, 'undecided', 'build-failed']);
    });

    test('a source that is gone decides nothing', async () => {
      const server = await mirrorWithoutSources(start());
      try {
        const gone = ['--mirror', `debian=${server.url}`, '--snapshot', `${server.url}/snapshot`];
        const done = await turn(() => samesource(['verify', 'pkg:deb/debian/sl?distro=bookworm', ...gone], start()));
        expect(server.refused.some((path) => path.endsWith('.dsc'))).toBe(true);
        expect(done).toMatchObject({ code: 2 });
        expect(JSON.stringify(done.json)).toContain('source-unavailable');
      } finally {
        server.close();
      }
    });
  });

  test('what was verified once is verified again without any network', { timeout: 300_000 }, async () => {
    const claim = join(start().store, '../ucf');
    mkdirSync(claim, { recursive: true });
    const here = { ...start(), cwd: claim };
    const steps = [['init', 'pkg:deb/debian/ucf?distro=bookworm'], ['lock']];
    for (const words of steps) expect(await samesource(words, here)).toMatchObject({ code: 0 });
    const first = await verify([], here);
    const before = blobs(here.store);
    // Without root, nothing but the flag keeps it from the network.
    const cut: Start = isRoot ? { ...here, within: ['unshare', '--net'] } : here;
    const second = await verify(['--offline'], cut);
    expect([first.code, second.code]).toEqual([0, 0]);
    expect(lasting(second)).toEqual(lasting(first));
    expect(blobs(here.store)).toEqual(before);
  });
}

function ending({ code, verdict }: Awaited<ReturnType<typeof verify>>): unknown[] {
  return [code, verdict.outcome, verdict.reason?.code];
}

/** A verdict without times and the log, which holds times. */
function lasting({ verdict }: Awaited<ReturnType<typeof verify>>): unknown {
  const { startedAt: _started, finishedAt: _finished, build, ...rest } = verdict;
  return { ...rest, build: { run: build?.run, dir: build?.dir, env: build?.env } };
}

/** Sends on to the real mirror, but has no source packages. */
async function mirrorWithoutSources(start: Start): Promise<{ url: string; refused: string[]; close(): void }> {
  const { json } = await samesource(['doctor'], start);
  const real = (json as { settings: { mirrors: { debian: string } } }).settings.mirrors.debian;
  const refused: string[] = [];
  const server: Server = createServer((request, response) => {
    const path = request.url ?? '/';
    if (/^\/snapshot\/|\.dsc$|\.tar\.[a-z0-9]+$/.test(path)) {
      refused.push(path);
      response.writeHead(404).end();
    } else response.writeHead(302, { location: `${real}${path}` }).end();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    refused,
    close: () => server.close(),
  };
}
