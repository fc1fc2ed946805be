/** Asks a reader about files that are almost the valid one: no change may leave its cover as it was. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'vitest';
import { detailed } from '../../src/ledger/cover.ts';
import type { Format, LedgerRegion, Reading } from '../../src/ledger/types.ts';
import { openWorkshop, workshopLimits, type WorkshopLimits } from '../../src/ledger/workshop.ts';
import { SamesourceError } from '../../src/model/error.ts';
import { bufferView } from '../../src/platform/view.ts';

export interface Read {
  readonly reading: Reading;
  readonly regions: readonly LedgerRegion[];
  /** Content of each member by its key. */
  readonly contents: ReadonlyMap<string, Buffer>;
}

const smallLimits: WorkshopLimits = { ...workshopLimits, bytes: 64 * 1024 ** 2, ratioFrom: 1024 ** 2, time: 60_000 };

/** Reads a file with everything that a reading offers. @throws what the reader throws */
export async function readWith(format: Format, bytes: Buffer, limits = smallLimits, name = 'quince'): Promise<Read> {
  const made: string[] = [];
  const directory = async (): Promise<string> => {
    made[0] ??= await mkdtemp(join(tmpdir(), 'samesource-ledger-'));
    return made[0];
  };
  try {
    using workshop = openWorkshop(directory, { now: () => performance.now(), limits });
    const reading = await format.read(bufferView(bytes), workshop, name);
    const regions = detailed(reading);
    const contents = new Map<string, Buffer>();
    for (const member of reading.members) {
      const view = await member.open();
      expect(view.size).toBe(member.size);
      contents.set(member.key, Buffer.from(view.read(0, view.size)));
    }
    return { reading, regions, contents };
  } finally {
    for (const path of made) await rm(path, { recursive: true });
  }
}

/** The cover is total at both depths, and no two regions or members are called the same. */
export async function expectSound(format: Format, bytes: Buffer, name?: string): Promise<Read> {
  expect(format.recognises(bufferView(bytes), name ?? 'quince')).toBe(true);
  const read = await readWith(format, bytes, smallLimits, name);
  for (const regions of [read.reading.regions, read.regions]) {
    let at = 0;
    for (const region of regions) {
      expect(region.at).toBe(at);
      expect(region.size).toBeGreaterThan(0);
      expect(region.value?.length ?? 0).toBeLessThanOrEqual(200);
      at += region.size;
    }
    expect(at).toBe(bytes.length);
    expect(repeated(regions.map((region) => region.name))).toEqual([]);
  }
  expect(repeated(read.reading.members.map(({ key }) => key))).toEqual([]);
  for (const { key, stored, plain } of read.reading.members) {
    if (stored === undefined) continue;
    const region = read.reading.regions.find(({ member, field }) => field === 'content' && (member ?? '') === key);
    expect(region).toMatchObject(stored);
    const content = bytes.subarray(stored.at, stored.at + stored.size);
    if (plain) expect(content.equals(read.contents.get(key) ?? Buffer.alloc(0))).toBe(true);
  }
  return read;
}

function repeated(names: readonly string[]): string[] {
  const seen = new Set<string>();
  return names.filter((name) => seen.size === seen.add(name).size);
}

/** What a comparison would go by: derived regions follow from the others. */
function essence({ regions }: Read, bytes: Buffer): string {
  return regions
    .filter((region) => region.class !== 'derived')
    .map(({ name, class: kind, at, size }) => `${kind} ${name} ${bytes.toString('latin1', at, at + size)}`)
    .join('\n');
}

async function readOrRefuse(format: Format, bytes: Buffer): Promise<Read | undefined> {
  try {
    return await readWith(format, bytes);
  } catch (error) {
    if (error instanceof SamesourceError && error.code !== 'bug') return undefined;
    throw error;
  }
}

/** Whether a change would go unseen. */
async function hides(format: Format, original: string, bytes: Buffer): Promise<boolean> {
  const read = await readOrRefuse(format, bytes);
  return read !== undefined && essence(read, bytes) === original;
}

/**
 * Flips every byte outside of content and each `step`th inside it in three ways, and takes bytes away
 * and puts some in. Gives the changes that the ledger did not show.
 */
export async function unseenChanges(format: Format, bytes: Buffer, step = 97): Promise<string[]> {
  const read = await readWith(format, bytes);
  const original = essence(read, bytes);
  const unseen: string[] = [];
  const note = async (what: string, changed: Buffer): Promise<void> => {
    if (await hides(format, original, changed)) unseen.push(what);
  };
  for (const region of read.regions) {
    const every = region.class === 'content' && region.size > step ? step : 1;
    for (let at = region.at; at < region.at + region.size; at += every) {
      for (const mask of [0x01, 0x20, 0xff]) {
        const flipped = Buffer.from(bytes);
        flipped[at] = (flipped[at] ?? 0) ^ mask;
        await note(`${region.name}: byte ${at} xor ${mask}`, flipped);
      }
    }
    const { at } = region;
    for (const size of [1, 512]) {
      const more = Buffer.concat([bytes.subarray(0, at), Buffer.alloc(size), bytes.subarray(at)]);
      await note(`${size} zero bytes before ${region.name}`, more);
      const less = Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + size)]);
      if (less.length < bytes.length) await note(`${size} bytes taken at ${region.name}`, less);
    }
  }
  for (const tail of ['\0', 'x', '\0'.repeat(512)])
    await note('bytes at the end', Buffer.concat([bytes, Buffer.from(tail)]));
  return unseen;
}

/** Broken copies by the same seed each time; any error but ours comes through. Gives how many were refused. */
export async function fuzz(format: Format, samples: readonly Buffer[], rounds: number): Promise<number> {
  const random = randomOf(20_261_123);
  const below = (limit: number): number => Math.floor(random() * limit);
  let refused = 0;
  for (let round = 0; round < rounds; round++) {
    let bytes: Buffer = Buffer.from(samples[round % samples.length] ?? Buffer.alloc(0));
    for (let change = 0; change <= below(6); change++) {
      const at = below(bytes.length + 1);
      const piece = Buffer.from(Array.from({ length: 1 + below(8) }, () => [0, 0xff, 0x7f, below(256)][below(4)] ?? 0));
      const copied = bytes.subarray(at, at + below(600));
      const edits = [
        () => Buffer.concat([bytes.subarray(0, at), piece, bytes.subarray(at + piece.length)]),
        () => Buffer.concat([bytes.subarray(0, at), piece, bytes.subarray(at)]),
        () => Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + piece.length)]),
        () => Buffer.concat([bytes.subarray(0, at), copied, bytes.subarray(at)]),
        () => bytes.subarray(0, at),
      ];
      bytes = (edits[below(edits.length)] ?? (() => bytes))();
    }
    format.recognises(bufferView(bytes), 'quince');
    if ((await readOrRefuse(format, bytes)) === undefined) refused += 1;
  }
  return refused;
}

/** Numbers from 0 to 1 (mulberry32). */
function randomOf(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** `code: message` of the refusal. */
export async function refusalOf(format: Format, bytes: Buffer, limits?: WorkshopLimits): Promise<string> {
  return readWith(format, bytes, limits).then(
    () => 'no error',
    (error: unknown) => (error instanceof SamesourceError ? `${error.code}: ${error.message}` : String(error)),
  );
}

/** The regions as `field`, `class`, `value`, for looking at. */
export function listed({ regions }: Read): string[] {
  return regions.map(({ name, class: kind, value }) =>
    value === undefined ? `${name} (${kind})` : `${name} (${kind}) ${value}`,
  );
}
