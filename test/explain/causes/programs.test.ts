/** Causes that belong to programs of Windows and Apple, to bytecode, images and databases. */
import { describe, expect, test } from 'vitest';
import { bytecodeHeader } from '../../../src/explain/causes/bytecode-header.ts';
import { checksumMisfit } from '../../../src/explain/causes/checksum-misfit.ts';
import { linkIdentity } from '../../../src/explain/causes/link-identity.ts';
import { linkerRecord } from '../../../src/explain/causes/linker-record.ts';
import { linkerTimestamp } from '../../../src/explain/causes/linker-timestamp.ts';
import { loadCommandUuid } from '../../../src/explain/causes/load-command-uuid.ts';
import { recordedCompiler } from '../../../src/explain/causes/recorded-versions.ts';
import { signature } from '../../../src/explain/causes/signature.ts';
import type { Pair } from '../../../src/explain/types.ts';
import { javaClass } from '../../../src/ledger/java-class.ts';
import { machO } from '../../../src/ledger/mach-o.ts';
import { pe } from '../../../src/ledger/pe.ts';
import { pyc } from '../../../src/ledger/pyc.ts';
import type { Format } from '../../../src/ledger/types.ts';
import { wasm } from '../../../src/ledger/wasm.ts';
import { bufferView } from '../../../src/platform/view.ts';
import { javaSample, pycSample, wasmSample } from '../../ledger/bytecode-fixture.ts';
import { machOSample, superBlob } from '../../ledger/mach-o-fixture.ts';
import { readWith } from '../../ledger/mutation.ts';
import { peSample, places } from '../../ledger/pe-fixture.ts';
import { ask, pairOf } from '../pair.ts';

async function pairFrom(format: Format, released: Buffer, rebuilt: Buffer): Promise<Pair> {
  const [theirs, ours] = [await readWith(format, released), await readWith(format, rebuilt)];
  const pair = await pairOf(
    { view: bufferView(released), reading: theirs.reading },
    { view: bufferView(rebuilt), reading: ours.reading },
  );
  // As the account does it: what follows from other regions is left out.
  return { ...pair, deltas: pair.deltas.filter((delta) => delta.class !== 'derived') };
}

describe('the head of compiled Python', () => {
  test('is proved to be another time', async () => {
    const pair = await pairFrom(pyc, pycSample({ time: 1_600_000_000 }), pycSample({}));
    const { accounts, left } = await ask(bytecodeHeader, pair);
    expect(accounts).toMatchObject([{ certainty: 'proved' }]);
    expect(accounts[0]?.summary).toContain('2020-09-13T12:26:40Z released, 2020-01-26T00:53:20Z rebuilt');
    expect(left).toEqual([]);
  });

  test('does not take the code with it', async () => {
    const pair = await pairFrom(pyc, pycSample({ time: 1_600_000_000, code: 'other' }), pycSample({}));
    const { accounts, left } = await ask(bytecodeHeader, pair);
    expect(accounts).toMatchObject([{ certainty: 'suspected' }]);
    expect(left).toEqual(['code']);
  });

  test('is suspected where it holds a hash on one side', async () => {
    const pair = await pairFrom(pyc, pycSample({ hash: '0011223344556677', flags: 3 }), pycSample({}));
    const { accounts, left } = await ask(bytecodeHeader, pair);
    expect(accounts).toMatchObject([{ certainty: 'suspected' }]);
    expect(left).toEqual([]);
  });
});

describe("a linker's time stamps", () => {
  test('are claimed together, and proved', async () => {
    const pair = await pairFrom(pe, peSample({ timeStamp: 1_600_000_000 }), peSample());
    const { accounts, left } = await ask(linkerTimestamp, pair);
    expect(accounts.map(({ certainty, claims }) => [certainty, claims.length])).toEqual([
      ['proved', 4],
      ['suspected', 2],
    ]);
    expect(accounts[0]?.summary).toBe('linked 2020-09-13T12:26:40Z released, 2020-01-26T00:53:20Z rebuilt');
    expect(left).toEqual([]);
  });

  test('are no times if the link was reproducible', async () => {
    const pair = await pairFrom(
      pe,
      peSample({ timeStamp: 1_600_000_000, reproducible: true }),
      peSample({ reproducible: true }),
    );
    expect((await ask(linkerTimestamp, pair)).accounts).toEqual([]);
    const marks = await ask(linkIdentity, pair);
    expect(marks.accounts).toMatchObject([{ certainty: 'suspected' }]);
    expect(marks.left).toEqual([]);
  });

  test('leave code, and numbers that are no time', async () => {
    const pair = await pairFrom(pe, peSample({ timeStamp: 1_600_000_000, code: 'other' }), peSample());
    expect((await ask(linkerTimestamp, pair)).left.length).toBeGreaterThan(0);
    const odd = await pairFrom(pe, peSample({ timeStamp: 77 }), peSample());
    expect((await ask(linkerTimestamp, odd)).accounts).toEqual([]);
  });
});

test('the record of tools names those of one side', async () => {
  const pair = await pairFrom(pe, peSample({ richBuild: 30_000 }), peSample());
  const { accounts, left } = await ask(linkerRecord, pair);
  expect(accounts[0]?.summary).toContain('only released 260.30000 x3; only rebuilt 260.27412 x3');
  expect(left).toEqual([]);
});

test('a checksum that does not fit speaks of a later change', async () => {
  const released = peSample();
  released.write('other', places.text, 'latin1');
  const { accounts, left } = await ask(checksumMisfit, await pairFrom(pe, released, peSample()));
  expect(accounts).toEqual([]);
  expect(left).toEqual(['.text: content']);
  released.writeUInt32LE(77, places.optional + 64);
  const misfit = await ask(checksumMisfit, await pairFrom(pe, released, peSample()));
  expect(misfit.accounts).toMatchObject([{ certainty: 'suspected' }]);
  expect(misfit.left).toEqual(['.text: content']);
});

test('LC_UUID is claimed alone', async () => {
  const pair = await pairFrom(machO, machOSample({ uuid: 'ff'.repeat(16), code: 'other' }), machOSample());
  const { accounts, left } = await ask(loadCommandUuid, pair);
  expect(accounts).toMatchObject([{ certainty: 'suspected' }]);
  expect(left).toEqual(['__TEXT,__text: content']);
});

test.each<[string, Format, Buffer, Buffer, string, string[]]>([
  ['javac', javaClass, javaSample({ major: 65 }), javaSample(), '65 released, 61 rebuilt', []],
  ['clang', wasm, wasmSample({ compiler: '15.0.1' }), wasmSample(), 'clang 15.0.1 released', []],
  [
    'clang, with other code',
    wasm,
    wasmSample({ compiler: '15.0.1', code: '41040b' }),
    wasmSample(),
    'clang 15.0.1 released',
    ['code: content'],
  ],
])('the version of %s is told', async (_, format, released, rebuilt, summary, rest) => {
  const { accounts, left } = await ask(recordedCompiler, await pairFrom(format, released, rebuilt));
  expect(accounts[0]?.summary).toContain(summary);
  expect(left).toEqual(rest);
});

describe('a signature', () => {
  const message = Buffer.from('3012020101040d61207369676e6174757265212121', 'hex').subarray(0, 20);

  test.each<[string, Format, Buffer, Buffer]>([
    ['a PE file', pe, peSample({ certificate: message }), peSample()],
    [
      'a PE file of odd length',
      pe,
      peSample({ certificate: message, overlay: Buffer.from('odd') }),
      peSample({ overlay: Buffer.from('odd') }),
    ],
    ['a Mach-O file', machO, machOSample({ signature: superBlob('hashes') }), machOSample()],
    [
      'a Mach-O file that was signed before',
      machO,
      machOSample({ signature: superBlob('longer hashes of it') }),
      machOSample({ signature: superBlob('hashes') }),
    ],
  ])('on %s leaves nothing', async (_, format, released, rebuilt) => {
    const { accounts, left } = await ask(signature, await pairFrom(format, released, rebuilt));
    expect(left).toEqual([]);
    expect(accounts).toHaveLength(1);
    expect(accounts[0]?.summary).toContain('nothing else differs');
  });

  test.each<[string, Format, Buffer, Buffer, string[]]>([
    [
      'behind it',
      pe,
      peSample({ certificate: Buffer.concat([message, Buffer.from('payload!!')]) }),
      peSample(),
      ['certificate 1: certificate padding'],
    ],
    ['in the code', pe, peSample({ certificate: message, code: 'other' }), peSample(), ['.text: content']],
    [
      'behind that of a Mach-O file',
      machO,
      machOSample({ signature: superBlob('hashes', Buffer.from('payload!')) }),
      machOSample(),
      ['signature padding'],
    ],
    [
      'in the code of a Mach-O file',
      machO,
      machOSample({ signature: superBlob('hashes'), code: 'other' }),
      machOSample(),
      ['__TEXT,__text: content'],
    ],
  ])('takes no bytes %s', async (_, format, released, rebuilt, rest) => {
    const { accounts, left } = await ask(signature, await pairFrom(format, released, rebuilt));
    expect(left).toEqual(rest);
    expect(accounts).toHaveLength(1);
  });

  test('is no cause where none differs', async () => {
    const pair = await pairFrom(pe, peSample({ timeStamp: 1_600_000_000 }), peSample());
    expect((await ask(signature, pair)).accounts).toEqual([]);
  });
});
