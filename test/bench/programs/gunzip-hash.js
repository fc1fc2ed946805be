/** Unpacks two gzip files and hashes what comes out, side by side: the least that a comparison must do. */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';

async function hash(path) {
  const digest = createHash('sha256');
  await pipeline(createReadStream(path, { highWaterMark: 1 << 20 }), createGunzip({ chunkSize: 1 << 18 }), digest);
  return digest.digest('hex');
}

process.stdout.write(`${(await Promise.all(process.argv.slice(2).map(hash))).join('\n')}\n`);
