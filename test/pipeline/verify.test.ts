import { execFileSync } from 'node:child_process';
import { readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Claim } from '../../src/model/claim.ts';
import type { Lock } from '../../src/model/lock.ts';
import { sha256Of } from '../../src/platform/digest.ts';
import { lockClaim } from '../../src/pipeline/lock.ts';
import { verify } from '../../src/pipeline/verify.ts';
import { remove, skipped } from '../engine/support.ts';
import { lacking, limits, openBench, tarOf, type Bench } from './fixture.ts';

/** Not a plain copy: a released file that lies in the source is refused. */
const bake = 'echo "a $(cat fruit.txt)" > out.txt';
const sweet = 'a quince\n';
/** What the claimed build really makes, for a lock that points at it. */
const other = { kind: 'file', path: 'released/good.txt' } as const;
const ours = sha256Of(sweet);

describe.skipIf(lacking !== undefined)(`verify${skipped(lacking)}`, () => {
  let bench: Bench;
  beforeAll(async () => {
    bench = await openBench();
  });
  const archive = (name: string, files: Readonly<Record<string, string>>): Claim['source'] => {
    writeFileSync(join(bench.base, name), tarOf(files));
    return { kind: 'archive', url: name, sha256: sha256Of(tarOf(files)), strip: 1 };
  };
  afterAll(() => remove(bench.base));

  test('a file that comes out bit for bit is identical', async () => {
    const verdict = await bench.verify(bench.claim(bake, { 'out.txt': sweet }));
    expect(verdict).toMatchObject({
      outcome: 'identical',
      artifacts: [{ outcome: 'identical', released: { secondHash: 'agreed', size: 9 } }],
      source: { kind: 'archive' },
      engine: { name: 'bubblewrap' },
    });
    expect(readFileSync(verdict.build?.log.path ?? '', 'utf8')).toBe('');
  });

  test('one changed byte is different, and found', async () => {
    const verdict = await bench.verify(bench.claim(bake, { 'out.txt': 'a quance\n' }));
    expect(verdict).toMatchObject({
      outcome: 'different',
      artifacts: [{ outcome: 'different', difference: { bytes: 1, firstOffset: 4 } }],
    });
  });

  test('an archive that differs names its members', async () => {
    writeFileSync(join(bench.base, 'a.tar'), tarOf({ stem: 'a', leaf: 'b', root: 'r' }));
    const released = tarOf({ stem: 'a', leaf: 'c', thorn: 't' }).toString('latin1');
    const inner = readFileSync(join(bench.base, 'a.tar')).toString('latin1');
    const source = archive('wrapped.tar', { 'w/a.tar': inner });
    const verdict = await bench.verify(bench.claim('cp a.tar out.tar', { 'out.tar': released }, { source }));
    expect(verdict.artifacts[0]?.difference?.files.map(({ path, change }) => [path, change])).toEqual([
      ['', 'changed'],
      ['thorn', 'removed'],
      ['root', 'added'],
      ['leaf', 'changed'],
    ]);
  });

  test('the weakest artifact decides, and each keeps its own outcome', async () => {
    const released = { 'out.txt': sweet, 'other.txt': sweet, 'gone.txt': 'x' };
    const verdict = await bench.verify(bench.claim(`${bake}; echo pear > other.txt`, released));
    expect(verdict.outcome).toBe('undecided');
    expect(verdict.artifacts.map((one) => [one.outcome, one.reason?.code])).toEqual([
      ['identical', undefined],
      ['different', undefined],
      ['undecided', 'output-missing'],
    ]);
  });

  test.each([
    ['a failed build', 'exit 7', {}, 'undecided', 'build-failed'],
    ['a build that is too slow', 'sleep 60', { seconds: 1 }, 'undecided', 'build-timeout'],
    [
      'a build that fills the disk',
      'for i in 1 2 3; do dd if=/dev/zero of=big$i bs=1048576 count=12; done; sleep 30',
      { diskBytes: 2 ** 24 },
      'undecided',
      'build-out-of-disk',
    ],
    ['a link as output', 'ln -s /etc/passwd out.txt', {}, 'refused', 'output-unsafe'],
    ['a directory as output', 'mkdir out.txt', {}, 'refused', 'output-unsafe'],
    ['an output below a link', 'ln -s / up; ln -s up/etc out.txt', {}, 'refused', 'output-unsafe'],
  ])('%s', async (_, run, more, outcome, code) => {
    const claim = bench.claim(run, { 'out.txt': sweet });
    const limited = { ...claim, build: { ...claim.build, limits: { ...limits, ...more } } };
    const verdict = await bench.verify(limited);
    expect(verdict.outcome).toBe(outcome);
    if (code !== undefined) expect(verdict.reason?.code).toBe(code);
    expect(readdirSync(join(bench.base, 'store/tmp'))).toEqual([]);
  });

  test('a recipe that copies the released file out of the source proves nothing', async () => {
    const source = archive('forged.tar', { 'f/prebuilt.bin': 'shipped by the vendor' });
    const claim = bench.claim('cp prebuilt.bin out.bin', { 'out.bin': 'shipped by the vendor' }, { source });
    expect(await bench.verify(claim)).toMatchObject({ outcome: 'refused', reason: { code: 'artifact-in-source' } });
  });

  test('an empty released file is no match, even if the build makes an empty one', async () => {
    const verdict = await bench.verify(bench.claim(': > out.txt', { 'out.txt': '' }));
    expect(verdict).toMatchObject({ outcome: 'undecided', reason: { code: 'artifact-unavailable' } });
  });

  test('a released file that changed since it was locked is refused', async () => {
    const claim = bench.claim(bake, { 'late.txt': sweet });
    const lock = await lockClaim(claim, bench.ctx);
    writeFileSync(join(bench.base, 'released/late.txt'), 'a quinces\n');
    const verdict = await verify(claim, lock, bench.ctx, { version: '0' });
    expect(verdict).toMatchObject({ outcome: 'refused', reason: { code: 'digest-mismatch' } });
  });

  test('a lock for another version of the claim is refused', async () => {
    const claim = bench.claim(bake, { 'out.txt': sweet });
    const lock = await lockClaim(claim, bench.ctx);
    const changed = { ...claim, build: { ...claim.build, run: 'cp /etc/passwd out.txt' } };
    const verdict = await verify(changed, lock, bench.ctx, { version: '0' });
    expect(verdict).toMatchObject({ outcome: 'refused', reason: { code: 'lock-stale' } });
  });

  test.each<[string, (lock: Lock) => Lock]>([
    [
      'another released file',
      (lock) => ({ ...lock, artifacts: lock.artifacts.map((one) => ({ ...one, released: other, sha256: ours })) }),
    ],
    ['another digest', (lock) => ({ ...lock, artifacts: lock.artifacts.map((one) => ({ ...one, sha256: ours })) })],
    [
      'a member that the claim does not name',
      (lock) => ({
        ...lock,
        artifacts: lock.artifacts.map((one) => ({ ...one, member: { path: 'm', sha256: ours, size: 9 } })),
      }),
    ],
    ['no artifact', (lock) => ({ ...lock, artifacts: [] })],
    ['another platform', (lock) => ({ ...lock, toolchain: { ...lock.toolchain, platform: 'linux/other' as never } })],
    ['another source', (lock) => ({ ...lock, source: { ...lock.source, sha256: ours } as never })],
  ])('a forged lock under the right claim digest is refused: %s', async (_, forge) => {
    const bare = bench.claim(bake, { 'good.txt': sweet, 'shipped.txt': 'not built from this\n' });
    const artifacts = bare.artifacts
      .filter(({ path }) => path === 'shipped.txt')
      .map((one) => ({ ...one, path: 'out.txt', sha256: sha256Of('not built from this\n') }));
    const claim = { ...bare, artifacts };
    const lock = forge(await lockClaim(claim, bench.ctx));
    const verdict = await verify(claim, lock, bench.ctx, { version: '0' });
    expect(verdict).toMatchObject({ outcome: 'refused', reason: { code: 'lock-stale' } });
  });

  test('a released file that is no regular file is not waited for', async () => {
    const claim = bench.claim(bake, { 'pipe.txt': sweet });
    const lock = await lockClaim(claim, bench.ctx);
    const path = join(bench.base, 'released/pipe.txt');
    rmSync(path);
    execFileSync('mkfifo', [path]);
    const verdict = await verify(claim, lock, bench.ctx, { version: '0' });
    expect(verdict).toMatchObject({ outcome: 'undecided', reason: { code: 'artifact-unavailable' } });
  });

  test('the released file, the store and the network are not there while it builds', async () => {
    const server = createServer();
    await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    let reached = false;
    server.on('connection', () => (reached = true));
    const run = [
      `(cat ${bench.base}/released/out.txt || cat /proc/1/root${bench.base}/released/out.txt) > out.txt 2>/dev/null || echo none > out.txt`,
      `bash -c 'echo > /dev/tcp/127.0.0.1/${port}' 2>/dev/null || true`,
    ].join('\n');
    const verdict = await bench.verify(bench.claim(run, { 'out.txt': sweet }));
    server.close();
    expect(verdict.artifacts[0]).toMatchObject({ outcome: 'different', rebuilt: { size: 5 } });
    expect(reached).toBe(false);
  });

  test('directories deeper than a path can be long, and names that are no text, are cleared away', async () => {
    // As deep as a shell can go inside, which is too deep for the longer path outside.
    const deep = 'cd ..; i=0; while [ $i -lt 810 ]; do mkdir dddd; cd dddd; i=$((i+1)); done';
    const run = `${bake}; mkdir "$(printf '\\377x')"; ${deep}`;
    expect((await bench.verify(bench.claim(run, { 'out.txt': sweet }))).outcome).toBe('identical');
    expect(readdirSync(join(bench.base, 'store/tmp'))).toEqual([]);
  }, 60_000);

  test('a member of a shipped archive is compared', async () => {
    writeFileSync(join(bench.base, 'shipped.tar'), tarOf({ 'bin/fruit': sweet, 'bin/other': '-' }));
    const claim = bench.claim('echo "a $(cat fruit.txt)" > fruit', { fruit: '-' });
    const artifacts = [
      { path: 'fruit', released: { kind: 'file', path: 'shipped.tar' }, member: 'bin/fruit', allow: [] },
    ] as const;
    expect((await bench.verify({ ...claim, artifacts })).outcome).toBe('identical');
  });

  test('SOURCE_DATE_EPOCH: auto is the time of the source', async () => {
    const claim = bench.claim('echo $SOURCE_DATE_EPOCH > out.txt', { 'out.txt': '1600000000\n' });
    const timed = { ...claim, build: { ...claim.build, env: { SOURCE_DATE_EPOCH: 'auto' } } };
    expect((await bench.verify(timed)).outcome).toBe('identical');
  });

  test('an output that nobody may read is read', async () => {
    const claim = bench.claim(`${bake}; chmod 0 out.txt`, { 'out.txt': sweet });
    expect((await bench.verify(claim)).outcome).toBe('identical');
  });

  test('a large sparse output is not copied byte by byte', async () => {
    const claim = bench.claim('dd if=/dev/zero of=out.txt bs=1 count=0 seek=60000000', { 'out.txt': sweet });
    expect((await bench.verify(claim)).artifacts[0]).toMatchObject({
      outcome: 'different',
      rebuilt: { size: 60_000_000 },
    });
  });

  test('a root that was damaged in the store is made again before a build runs in it', async () => {
    const claim = bench.claim(bake, { 'out.txt': sweet });
    const trees = join(bench.base, 'store/trees');
    await bench.verify(claim);
    const image = readdirSync(trees).find((name) => name.startsWith('image-')) ?? '';
    const program = join(trees, image, 'root/bin/cat');
    rmSync(program);
    writeFileSync(program, '#!/bin/sh\necho pear\n', { mode: 0o755 });
    const notes: string[] = [];
    const progress = { ...bench.ctx.progress, note: (text: string) => void notes.push(text) };
    expect((await bench.verify(claim, { ...bench.ctx, progress })).outcome).toBe('identical');
    expect(notes).toHaveLength(1);
    expect((await bench.verify(claim, { ...bench.ctx, progress })).outcome).toBe('identical');
    expect(notes).toHaveLength(1);
  });

  test('a second verification downloads nothing and says the same', async () => {
    const claim = bench.claim(bake, { 'out.txt': sweet });
    const [first, second] = [await bench.verify(claim), await bench.verify(claim)];
    expect(second.artifacts).toEqual(first.artifacts);
    expect(second.toolchain).toEqual(first.toolchain);
  });
});
