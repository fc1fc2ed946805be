/** From the network into the store, hashed while it streams. */
import { createWriteStream } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { once } from 'node:events';
import { finished } from 'node:stream/promises';
import { messageOf, noRoomLeft, SamesourceError } from '../model/error.ts';
import type { Sha256 } from '../model/digest.ts';
import type { Origin } from '../model/verdict.ts';
import { sha256Stream } from '../platform/digest.ts';
import type { HttpAnswer } from '../platform/http.ts';
import type { Context } from './context.ts';
import type { Blob } from './store.ts';

export interface Wanted {
  /** What it is, for messages. */
  readonly what: string;
  /** Where it may be had, in order of preference. */
  readonly urls: readonly string[];
  readonly sha256: Sha256;
  /** Bytes, if known: not one more is read. */
  readonly size?: number;
  /** Most bytes that are read where the size is not known. */
  readonly limit?: number;
  readonly vouchedBy?: string;
  /** Sent to every address, e.g. `accept`; credentials do not follow a redirect to another origin. */
  readonly headers?: Readonly<Record<string, string>>;
}

/** Largest file that is downloaded when nothing announces its size, bytes. */
export const unknownSizeLimit = 8 * 1024 ** 3;

const attempts = 3;

/**
 * A file by digest: from the store, else from the first address that has it.
 * @throws SamesourceError `digest-mismatch`, `too-large`, `unreachable` or `disk-full`
 */
export async function obtain(ctx: Context, wanted: Wanted): Promise<Blob> {
  const stored = await ctx.store.get(wanted.sha256);
  if (stored !== undefined) return stored;
  const failures: SamesourceError[] = [];
  for (const url of wanted.urls) {
    try {
      const got = await download(ctx, { ...wanted, url });
      requireDigest(wanted, url, got.blob);
      return got.blob;
    } catch (error) {
      if (!isUnreachable(error)) throw error;
      failures.push(error);
    }
  }
  throw nowhere(wanted.what, failures);
}

/** What became of each address: that the first one has dropped a file matters as much as the last one's silence. */
function nowhere(what: string, failures: readonly SamesourceError[]): SamesourceError {
  const [only] = failures;
  if (only === undefined) return new SamesourceError('unreachable', `${what}: no address is known`);
  if (failures.length === 1) return only;
  return new SamesourceError('unreachable', failures.map(({ message }) => message).join('; '), { cause: only });
}

interface Download {
  readonly what: string;
  readonly url: string;
  readonly sha256?: Sha256;
  readonly size?: number;
  readonly vouchedBy?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly limit?: number;
}

/**
 * Downloads one address into the store. A wrong digest never reaches the store's blobs.
 * @throws SamesourceError `unreachable` after three attempts or for a status other than 200
 */
export async function download(
  ctx: Context,
  wanted: Download,
): Promise<{ readonly blob: Blob; readonly origin: Origin }> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await downloadOnce(ctx, wanted);
    } catch (error) {
      ctx.signal.throwIfAborted();
      // What has a hint must be mended by hand, not by waiting.
      const passing = error instanceof SamesourceError && error.code === 'unreachable' && error.hint === undefined;
      if (!passing || attempt === attempts) throw error;
      await pause(250 * 2 ** attempt, ctx.signal);
    }
  }
}

const permanent = 'the server says that it has no such file';

async function downloadOnce(ctx: Context, wanted: Download): Promise<{ blob: Blob; origin: Origin }> {
  const answer = await ctx.http({
    url: wanted.url,
    signal: ctx.signal,
    ...(wanted.headers === undefined ? {} : { headers: wanted.headers }),
  });
  if (answer.status !== 200) {
    await answer.body.dump();
    const gone = answer.status >= 400 && answer.status < 500 && answer.status !== 429;
    throw new SamesourceError(
      'unreachable',
      `${wanted.what}: ${wanted.url} answered ${answer.status}`,
      gone ? { hint: permanent } : {},
    );
  }
  await using work = await ctx.store.temporary('download');
  const path = join(work.path, 'file');
  const received = await receive(ctx, answer, path, wanted);
  if (wanted.sha256 !== undefined)
    requireDigest({ what: wanted.what, sha256: wanted.sha256, ...pick(wanted) }, wanted.url, received);
  const origin: Origin = {
    urls: answer.urls,
    fetchedAt: ctx.now().toISOString(),
    ...(wanted.vouchedBy === undefined ? {} : { vouchedBy: wanted.vouchedBy }),
  };
  return { blob: await ctx.store.adopt(path, received.sha256, origin), origin };
}

function pick(wanted: Download): { size?: number } {
  return wanted.size === undefined ? {} : { size: wanted.size };
}

async function receive(
  ctx: Context,
  answer: HttpAnswer,
  path: string,
  wanted: Download,
): Promise<{ sha256: Sha256; size: number }> {
  const announced = Number(answer.headers['content-length'] ?? Number.NaN);
  const limit = wanted.size ?? wanted.limit ?? unknownSizeLimit;
  await mkdir(join(path, '..'), { recursive: true });
  const file = createWriteStream(path, { flags: 'wx' });
  const hash = sha256Stream();
  let size = 0;
  try {
    for await (const chunk of answer.body) {
      size += chunk.length;
      if (size > limit)
        throw new SamesourceError('too-large', `${wanted.what}: ${wanted.url} sends more than ${limit} bytes`);
      hash.update(chunk);
      if (!file.write(chunk)) await once(file, 'drain');
      ctx.progress.update(
        `${wanted.what} ${megabytes(size)}${Number.isNaN(announced) ? '' : ` of ${megabytes(announced)}`}`,
      );
    }
    file.end();
    await finished(file);
  } catch (error) {
    file.destroy();
    ctx.signal.throwIfAborted();
    const known = noRoomLeft(error, `writing ${path}`) ?? error;
    if (known instanceof SamesourceError) throw known;
    const how = `broke off after ${size} bytes: ${messageOf(error)}`;
    throw new SamesourceError('unreachable', `${wanted.what}: ${wanted.url} ${how}`, { cause: error });
  }
  return { sha256: hash.digest(), size };
}

function requireDigest(
  wanted: { readonly what: string; readonly sha256: Sha256; readonly size?: number },
  url: string,
  got: { readonly sha256: Sha256; readonly size: number },
): void {
  if (got.sha256 === wanted.sha256) return;
  const sizes =
    wanted.size === undefined || wanted.size === got.size ? '' : ` (${got.size} bytes instead of ${wanted.size})`;
  throw new SamesourceError(
    'digest-mismatch',
    `sha256 of ${wanted.what} from ${url}: expected ${wanted.sha256}, got ${got.sha256}${sizes}`,
  );
}

function isUnreachable(error: unknown): error is SamesourceError {
  return error instanceof SamesourceError && error.code === 'unreachable';
}

function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(1)} MB`;
}

/** @throws what the signal was aborted with */
function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const stop = (): void => {
      clearTimeout(timer);
      reject(signal.reason instanceof Error ? signal.reason : new Error('aborted'));
    };
    const timer = setTimeout(() => {
      signal.removeEventListener('abort', stop);
      resolve();
    }, ms);
    signal.addEventListener('abort', stop, { once: true });
  });
}
