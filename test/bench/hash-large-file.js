/** One file of 1 GB: our digest code against coreutils and OpenSSL, whole processes with their start-up. */
import { randomBytes } from 'node:crypto';
import { closeSync, openSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { line, race } from './measure.js';

const bytes = 1_000_000_000;
const program = fileURLToPath(new URL('programs/hash-file.js', import.meta.url));

export function hashLargeFile(dir) {
  const path = join(dir, 'large');
  writeLarge(path);
  const [ours, coreutils, openssl] = race(
    [
      { name: 'samesource', file: process.execPath, args: [program, path] },
      { name: 'sha256sum', file: 'sha256sum', args: [path] },
      { name: 'openssl', file: 'openssl', args: ['dgst', '-sha256', '-r', path] },
    ],
    5,
  );
  const [digest, ...others] = [ours, coreutils, openssl].map((run) => run.stdout.slice(0, 64));
  if (others.some((other) => other !== digest)) throw new Error(`digests differ: ${[digest, ...others].join(', ')}`);
  return {
    title: 'SHA-256 of a 1 GB file',
    runs: [ours, coreutils, openssl],
    lines: [
      line('time, against sha256sum', ours.seconds / coreutils.seconds, '<', 1),
      line('speed, against openssl dgst', openssl.seconds / ours.seconds, '>=', 0.7),
      line('peak memory, against 150 MB', ours.maxRssBytes / 150e6, '<', 1),
    ],
  };
}

function writeLarge(path) {
  const block = randomBytes(10_000_000);
  const file = openSync(path, 'w');
  for (let written = 0; written < bytes; written += block.length) writeSync(file, block);
  closeSync(file);
}
