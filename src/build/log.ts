/** The build log: kept whole up to a limit, so that a build cannot fill the disk with it. */
import { createWriteStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { once } from 'node:events';
import { Transform, type TransformCallback, type Writable } from 'node:stream';
import { finished } from 'node:stream/promises';
import { hashFile } from '../platform/digest.ts';
import type { Sha256 } from '../model/digest.ts';

export const logLimit = 64 * 1024 * 1024;

export interface BuildLog {
  readonly stream: Writable;
  /** Ends the log and says what it became. */
  close(): Promise<{ readonly path: string; readonly sha256: Sha256; readonly size: number }>;
}

export async function openLog(path: string, limit = logLimit): Promise<BuildLog> {
  const file = createWriteStream(path);
  await once(file, 'open');
  const bounded = boundedStream(limit);
  bounded.pipe(file);
  return {
    stream: bounded,
    close: async () => {
      bounded.end();
      await finished(file);
      return { path, ...(await hashFile(path)) };
    },
  };
}

function boundedStream(limit: number): Transform {
  let left = limit;
  return new Transform({
    transform(chunk: Buffer, _encoding, done: TransformCallback) {
      if (left <= 0) return done();
      const kept = chunk.subarray(0, left);
      left -= kept.length;
      done(null, left > 0 ? kept : Buffer.concat([kept, Buffer.from(`\n[log cut here: more than ${limit} bytes]\n`)]));
    },
  });
}

const tailLines = 12;
const longestLine = 400;

/** The last lines of a log, cut to a bearable length; attacker-controlled like all that a build says. */
export async function logTail(path: string): Promise<string[]> {
  const file = await open(path, 'r');
  try {
    const { size } = await file.stat();
    const length = Math.min(size, 16 * 1024);
    const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, size - length);
    const lines = buffer.toString('utf8', 0, bytesRead).trimEnd().split('\n').slice(-tailLines);
    return lines.filter((line) => line !== '').map((line) => line.slice(0, longestLine));
  } finally {
    await file.close();
  }
}
