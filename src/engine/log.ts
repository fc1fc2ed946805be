/** The build log as an engine writes it. */
import { constants, openSync } from 'node:fs';
import { chmod, chown, open } from 'node:fs/promises';
import { Socket } from 'node:net';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { finished } from 'node:stream/promises';
import { SamesourceError } from '../model/error.ts';
import { exec } from '../platform/exec.ts';
import type { Context } from '../store/context.ts';

export interface EngineLog {
  /** Ends without ending the caller's log. */
  readonly writable: Writable;
  bytes(): number;
  /** What was said last, e.g. by the engine itself. */
  tail(): string;
  /** Waits until all is written. @throws what the caller's log threw, e.g. that the disk is full */
  close(): Promise<void>;
}

const tailBytes = 4096;

export function engineLog(log: Writable): EngineLog {
  let bytes = 0;
  let tail = Buffer.alloc(0);
  let failure: Error | undefined;
  const writable = new Writable({
    write(chunk: Buffer, _encoding, done) {
      bytes += chunk.length;
      tail = Buffer.concat([tail, chunk]).subarray(-tailBytes);
      log.write(chunk, (error) => {
        failure ??= error ?? undefined;
        // What cannot be kept is dropped; the build ends by itself and `close` says why.
        done();
      });
    },
  });
  return {
    writable,
    bytes: () => bytes,
    tail: () => tail.toString(),
    async close() {
      writable.end();
      await finished(writable);
      if (failure !== undefined) throw failure;
    },
  };
}

export interface BuildPipe {
  /** Descriptor for a build's stdout and stderr. */
  readonly input: number;
  /** Closes our end, once the build has its own. */
  started(): Promise<void>;
  /** Waits until everything inside has closed its end, and all is in the log. */
  drained(): Promise<void>;
}

/**
 * A real pipe. What Node makes instead is a pair of sockets, on which a build that opens /dev/stdout
 * fails; a file would be truncated by one that writes `> /dev/stdout`.
 */
export async function buildPipe(
  dir: string,
  owner: { uid: number; gid: number } | undefined,
  log: EngineLog,
  ctx: Context,
): Promise<BuildPipe> {
  const path = join(dir, 'output');
  const made = await exec({
    file: 'mkfifo',
    args: ['-m', '600', path],
    env: { PATH: `/usr/bin:/bin:${ctx.env['PATH'] ?? ''}` },
  });
  if (made.exitCode !== 0) {
    throw new SamesourceError('engine-unavailable', `mkfifo: ${made.stderr || made.startError}`, {
      hint: 'install coreutils',
    });
  }
  await chmod(path, 0o600);
  if (owner !== undefined) await chown(path, owner.uid, owner.gid);
  const reading = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  const writing = await open(path, constants.O_WRONLY);
  const socket = new Socket({ fd: reading, readable: true, writable: false });
  socket.pipe(log.writable, { end: false });
  const ended = finished(socket, { writable: false });
  // Seen by whoever waits in `drained`.
  ended.catch(() => undefined);
  return {
    input: writing.fd,
    started: () => writing.close(),
    drained: () => ended,
  };
}
