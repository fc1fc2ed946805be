/** Keeps what was unpacked, small things in memory and large ones in a directory, within limits. */
import { createWriteStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { join } from 'node:path';
import { SamesourceError } from '../model/error.ts';
import { bufferView, openView, type OpenView } from '../platform/view.ts';
import type { Workshop } from './types.ts';

export interface WorkshopLimits {
  /** Bytes unpacked, over all. */
  readonly bytes: number;
  /** Unpacked bytes to one packed byte, for what unpacks to more than `ratioFrom`. */
  readonly ratio: number;
  readonly ratioFrom: number;
  readonly members: number;
  /** Milliseconds for everything. */
  readonly time: number;
}

export const workshopLimits: WorkshopLimits = {
  bytes: 32 * 1024 ** 3,
  ratio: 2000,
  ratioFrom: 256 * 1024 ** 2,
  // Of both sides together; each takes some kilobytes of memory where all of them differ.
  members: 150_000,
  time: 30 * 60 * 1000,
};

/** Kept in memory: one thing, and all of them together. */
const inMemory = { one: 4 * 1024 ** 2, all: 48 * 1024 ** 2 };

export interface WorkshopOptions {
  /** Milliseconds. */
  readonly now: () => number;
  /** Ends the work where it is. */
  readonly signal?: AbortSignal;
  readonly limits?: WorkshopLimits;
}

/** @param directory asked for an empty directory when the first large thing comes */
export function openWorkshop(
  directory: () => Promise<string>,
  { now, signal, limits = workshopLimits }: WorkshopOptions,
): Workshop & Disposable {
  const opened: OpenView[] = [];
  const deadline = now() + limits.time;
  let [bytes, held, members, files] = [0, 0, 0, 0];

  const charge = (length: number, sum: number, from: number): void => {
    bytes += length;
    if (bytes > limits.bytes) throw tooLarge(`more than ${limits.bytes} bytes come out of it`);
    if (sum > limits.ratioFrom && sum > from * limits.ratio) {
      throw tooLarge(`${from} bytes unpack to more than ${limits.ratio} times as many`);
    }
    goOn();
  };
  const goOn = (): void => {
    signal?.throwIfAborted();
    if (now() > deadline) throw tooLarge(`it takes more than ${limits.time / 1000} seconds`);
  };

  return {
    async keep(chunks, from) {
      const parts: Uint8Array[] = [];
      let sum = 0;
      const iterator = chunks[Symbol.asyncIterator]();
      for (let next = await iterator.next(); next.done !== true; next = await iterator.next()) {
        sum += next.value.length;
        charge(next.value.length, sum, from);
        parts.push(next.value);
        if (sum <= inMemory.one && held + sum <= inMemory.all) continue;
        const path = join(await directory(), String(files++));
        await writeAll(path, parts, iterator, (length) => charge(length, (sum += length), from));
        const view = openView(path);
        opened.push(view);
        return view;
      }
      held += sum;
      return bufferView(Buffer.concat(parts));
    },
    count(more) {
      members += more;
      if (members > limits.members) throw tooLarge(`more than ${limits.members} files lie in it`);
      goOn();
    },
    [Symbol.dispose]: () => {
      for (const view of opened) view[Symbol.dispose]();
    },
  };
}

async function writeAll(
  path: string,
  first: readonly Uint8Array[],
  rest: AsyncIterator<Uint8Array>,
  charge: (length: number) => void,
): Promise<void> {
  const out = createWriteStream(path, { flags: 'wx', highWaterMark: 1024 * 1024 });
  async function* all(): AsyncGenerator<Uint8Array> {
    try {
      yield* first;
      for (let next = await rest.next(); next.done !== true; next = await rest.next()) {
        charge(next.value.length);
        yield next.value;
      }
    } finally {
      await rest.return?.().catch(() => undefined);
    }
  }
  // Waits for what is being written too: to give up in the middle of that is no error of its own.
  await pipeline(all(), out);
}

function tooLarge(what: string): SamesourceError {
  return new SamesourceError('too-large', `not unpacked further: ${what}`);
}
