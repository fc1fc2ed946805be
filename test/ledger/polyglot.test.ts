import { gzipSync } from 'node:zlib';
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { readLedger } from '../../src/ledger/open.ts';
import { openWorkshop } from '../../src/ledger/workshop.ts';
import { SamesourceError } from '../../src/model/error.ts';
import { bufferView } from '../../src/platform/view.ts';
import { tar } from '../format/tar-fixture.ts';
import { assemble, zip, zipParts } from '../format/zip-fixture.ts';

const archive = zip([{ name: 'plover', content: 'egg' }]);

/** With offsets that count what comes before. */
function after(head: Buffer): Buffer {
  const { local, central } = zipParts([{ name: 'plover', content: 'egg' }], head.length);
  return assemble(local, central, { before: head });
}

async function read(bytes: Buffer): Promise<string> {
  using workshop = openWorkshop(() => Promise.reject(new Error('nothing is that large')), { now: () => 0 });
  const view = bufferView(bytes);
  try {
    const { format, regions } = await readLedger(view, 'quince', workshop);
    return `${format}: ${regions.at(-1)?.value ?? ''}`;
  } catch (error) {
    if (error instanceof SamesourceError) return `${error.code}: ${error.message}`;
    throw error;
  }
}

const heads: Record<string, readonly [head: Buffer, kind: string]> = {
  'a script': [Buffer.from('#!/bin/sh\nexec java -jar "$0"\n'), 'a script'],
  'a dex file (CVE-2017-13156)': [Buffer.from('dex\n035\0 bytes'), 'something else'],
  'an installer database (CVE-2020-1464)': [Buffer.from('d0cf11e0a1b11ae1', 'hex'), 'something else'],
  gzip: [gzipSync('plover'), 'gzip'],
  tar: [tar({ path: 'egg', content: 'x' }), 'tar'],
};

test.each(Object.entries(heads))('refused: %s before a zip archive', async (_, [head, kind]) => {
  const refusal = `archive-unsafe: zip: the file begins as ${kind} and ends as a zip archive`;
  expect(await read(Buffer.concat([head, archive]))).toBe(refusal);
  expect(await read(after(head))).toBe(refusal);
});

test('a program before a zip archive is a program, and its overlay says what it is', async () => {
  const elf = readFileSync('/bin/true');
  expect(await read(Buffer.concat([elf, archive]))).toBe('elf: a zip archive');
  expect(await read(elf)).not.toMatch(/zip/);
});

test('an end record that fits nothing is no zip archive', async () => {
  const record = Buffer.concat([Buffer.from('PK\x05\x06'), Buffer.alloc(18)]);
  expect(await read(Buffer.concat([Buffer.from([0, 1, 2]), record]))).toBe('binary: ');
});
