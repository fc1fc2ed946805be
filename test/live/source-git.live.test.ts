/** Sources over a network: git's own servers on loopback, and a store on a disk that is full. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createTcpServer, type AddressInfo } from 'node:net';
import { join, resolve } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { GitClaim } from '../../src/model/claim.ts';
import { sha256Of } from '../../src/platform/digest.ts';
import { exec, execBytes } from '../../src/platform/exec.ts';
import { archive } from '../../src/source/archive.ts';
import { git } from '../../src/source/git.ts';
import { obtain } from '../../src/store/download.ts';
import { openStore } from '../../src/store/store.ts';
import { tar } from '../format/tar-fixture.ts';
import { codeOf, contextIn, hasGit, makeRepository, temporary, type Repository } from '../source/fixture.ts';

const env = { PATH: process.env['PATH'] ?? '' };

async function repositoryIn(base: string): Promise<{ repository: Repository; claim: Omit<GitClaim, 'url'> }> {
  const big = Array.from({ length: 40_000 }, (_, n) => `${n * 7919} quince\n`).join('');
  const repository = await makeRepository(join(base, 'repo'), { 'src/a.c': 'int a;\n', 'big.txt': big });
  const commit = await repository.commit('one');
  await repository.git('tag', '-a', '-m', 'release', 'v3');
  return { repository, claim: { kind: 'git', tag: 'v3', commit } };
}

type Answer = (question: IncomingMessage, answer: ServerResponse) => Promise<void>;

/** git-http-backend(1), called as a CGI program. */
function backend(base: string): Answer {
  return async (question, answer) => {
    const body: Buffer[] = [];
    for await (const chunk of question) body.push(Buffer.from(chunk as Uint8Array));
    const url = new URL(question.url ?? '/', 'http://localhost');
    const cgi = {
      ...env,
      GIT_PROJECT_ROOT: base,
      GIT_HTTP_EXPORT_ALL: '1',
      PATH_INFO: url.pathname,
      QUERY_STRING: url.search.slice(1),
      REQUEST_METHOD: question.method ?? 'GET',
      CONTENT_TYPE: question.headers['content-type'] ?? '',
      HTTP_CONTENT_ENCODING: question.headers['content-encoding'] ?? '',
      GIT_PROTOCOL: String(question.headers['git-protocol'] ?? ''),
    };
    const { stdout } = await execBytes({ file: 'git', args: ['http-backend'], env: cgi, input: Buffer.concat(body) });
    const output = Buffer.from(stdout);
    const end = output.indexOf('\r\n\r\n');
    const headers = output
      .toString('latin1', 0, end)
      .split('\r\n')
      .map((line) => line.split(': '));
    const status = headers.find(([name]) => name === 'Status')?.[1] ?? '200';
    answer.writeHead(Number.parseInt(status, 10), Object.fromEntries(headers.filter(([name]) => name !== 'Status')));
    answer.end(output.subarray(end + 4));
  };
}

async function serve(answer: Answer): Promise<{ url: string; close(): void }> {
  const server = createServer((question, reply) => void answer(question, reply).catch(() => reply.destroy()));
  await new Promise<void>((done) => void server.listen(0, '127.0.0.1', done));
  const close = (): void => {
    server.closeAllConnections();
    server.close();
  };
  onTestFinished(close);
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, close };
}

async function freePort(): Promise<number> {
  const server = createTcpServer();
  await new Promise<void>((done) => void server.listen(0, '127.0.0.1', done));
  const { port } = server.address() as AddressInfo;
  await new Promise((done) => void server.close(done));
  return port;
}

describe.skipIf(!hasGit)('git over a network (skipped where git is not installed)', () => {
  test('git http-backend: fetched once, a moved tag noticed, offline from the store', async () => {
    const base = temporary();
    const { repository, claim } = await repositoryIn(base);
    const asked: string[] = [];
    const serveGit = backend(base);
    const server = await serve(async (question, answer) => {
      asked.push(`${question.method} ${question.url}`);
      await serveGit(question, answer);
    });
    const wanted: GitClaim = { ...claim, url: `${server.url}/repo` };
    const ctx = await contextIn(base);
    const lock = await git.resolve(wanted, ctx);
    expect(lock.tree).toBe(await repository.git('rev-parse', 'v3^{tree}'));
    const before = asked.length;
    await (await git.fetch(wanted, lock, ctx)).place(base, 'placed');
    // Only what the tag names is asked for: nothing is fetched again.
    expect(asked.slice(before).some((line) => line.includes('info/refs'))).toBe(true);
    expect(asked.length - before).toBeLessThanOrEqual(2);
    const offline = await contextIn(base, { offline: true });
    expect((await git.fetch(wanted, lock, offline)).identity).toMatchObject({ commit: lock.commit });
    expect(await codeOf(git.fetch(wanted, lock, await contextIn(join(base, 'x'), { offline: true })))).toBe(
      'source-unavailable',
    );
    writeFileSync(join(repository.dir, 'evil.c'), 'x');
    await repository.commit('two');
    await repository.git('tag', '-f', '-a', '-m', 'release', 'v3');
    expect(await codeOf(git.fetch(wanted, lock, ctx))).toBe('ref-moved');
    server.close();
    expect((await git.fetch(wanted, lock, ctx)).identity).toMatchObject({ commit: lock.commit });
  });

  test('credentials are handed on and never shown', async () => {
    const base = temporary();
    const { claim } = await repositoryIn(base);
    const serveGit = backend(base);
    const seen = new Set<string>();
    const server = await serve(async (question, answer) => {
      seen.add(question.headers.authorization ?? 'none');
      if (question.headers.authorization === undefined)
        answer.writeHead(401, { 'www-authenticate': 'Basic realm=x' }).end();
      else await serveGit(question, answer);
    });
    const url = `${server.url.replace('//', '//ada:s3cret@')}/repo`;
    const ctx = await contextIn(base);
    const lock = await git.resolve({ ...claim, url }, ctx);
    expect(seen).toContain(`Basic ${Buffer.from('ada:s3cret').toString('base64')}`);
    expect(JSON.stringify([lock, ctx.notes])).not.toContain('s3cret');
    const wrong = await git
      .resolve({ ...claim, url: url.replace('/repo', '/none') }, ctx)
      .catch((error: unknown) => error);
    expect(String(wrong)).not.toContain('s3cret');
    const asking = await codeOf(git.resolve({ ...claim, url: `${server.url}/repo` }, ctx));
    expect(asking).toBe('source-unavailable');
  });

  test('git daemon', async () => {
    const base = temporary();
    const { claim } = await repositoryIn(base);
    const port = await freePort();
    const listen = ['--reuseaddr', '--listen=127.0.0.1', `--port=${port}`, `--base-path=${base}`, '--export-all'];
    const daemon = spawn('git', ['daemon', ...listen], { stdio: 'ignore', env, detached: true });
    onTestFinished(() => void (daemon.pid !== undefined && process.kill(-daemon.pid, 'SIGKILL')));
    const ctx = await contextIn(base);
    const wanted: GitClaim = { ...claim, url: `git://127.0.0.1:${port}/repo` };
    await expect.poll(() => codeOf(git.resolve(wanted, ctx)), { timeout: 10_000 }).toBe('no error');
    expect((await git.resolve(wanted, ctx)).commit).toBe(claim.commit);
  });

  test('killed in the middle of a fetch, then run again', { timeout: 60_000 }, async () => {
    const base = temporary();
    const { claim } = await repositoryIn(base);
    const serveGit = backend(base);
    let hang = true;
    let reached: (() => void) | undefined;
    const inFetch = new Promise<void>((done) => (reached = done));
    let fetches = 0;
    const server = await serve(async (question, answer) => {
      if (question.method === 'POST' && hang) {
        fetches += 1;
        // The first question is ls-refs of ls-remote, then again that of fetch; the pack comes last.
        if (fetches >= 3) {
          reached?.();
          await new Promise(() => {});
        }
      }
      await serveGit(question, answer);
    });
    const wanted: GitClaim = { ...claim, url: `${server.url}/repo` };
    const dist = resolve(import.meta.dirname, '../../dist');
    const program = `
      import { git } from '${dist}/source/git.js';
      import { openStore } from '${dist}/store/store.js';
      const say = () => {};
      const ctx = { store: await openStore('${join(base, 'store')}'), http: say, base: '${base}', env: process.env,
        progress: { step: say, update: say, note: say }, signal: new AbortController().signal, now: () => new Date() };
      await git.resolve(${JSON.stringify(wanted)}, ctx);`;
    const child = spawn(process.execPath, ['--input-type=module', '-e', program], {
      stdio: 'ignore',
      env,
      detached: true,
    });
    await inFetch;
    const ended = once(child, 'exit');
    process.kill(-(child.pid ?? 0), 'SIGKILL');
    await ended;
    hang = false;
    expect(readdirSync(join(base, 'store/tmp')).length).toBeGreaterThan(0);
    const ctx = await contextIn(base);
    expect((await git.resolve(wanted, ctx)).commit).toBe(claim.commit);
    expect(readdirSync(join(base, 'store/tmp'))).toEqual([]);
    expect(readdirSync(join(base, 'store/trees'))).toHaveLength(1);
  });
});

const root = process.getuid?.() === 0;

test.skipIf(!root)(
  'a full disk is said, and nothing half is kept (skipped unless run by root: it mounts a tmpfs)',
  async () => {
    const base = temporary();
    const small = join(base, 'small');
    mkdirSync(small);
    const mounted = await exec({ file: 'mount', args: ['-t', 'tmpfs', '-o', 'size=2m', 'tmpfs', small], env });
    expect(mounted.stderr).toBe('');
    const content = Buffer.alloc(8_000_000, 'damson ');
    const server = await serve(async (_, answer) => void answer.end(content));
    try {
      const ctx = { ...(await contextIn(base)), store: await openStore(join(small, 'store')) };
      const wanted = { what: 'damson', urls: [server.url], sha256: sha256Of(content) };
      expect(await codeOf(obtain(ctx, wanted))).toBe('disk-full');
      const bytes = tar({ path: 'big', content });
      writeFileSync(join(base, 'big.tar'), bytes);
      const claim = { kind: 'archive', url: 'big.tar', sha256: sha256Of(bytes) } as const;
      expect(await codeOf(archive.resolve(claim, ctx))).toBe('disk-full');
      expect(readdirSync(join(small, 'store/tmp'))).toEqual([]);
      expect(readdirSync(join(small, 'store/blobs/sha256'))).toEqual([]);
    } finally {
      await exec({ file: 'umount', args: [small], env });
    }
  },
);
