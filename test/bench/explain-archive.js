/** A large archive of which three files differ, against diffoscope and against unpacking and hashing alone. */
import { createWriteStream } from 'node:fs';
import { once } from 'node:events';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createGzip } from 'node:zlib';
import { tarEnd, tarHeader, tarPadding } from '../../dist/format/tar.js';
import { diffoscope, hasDiffoscope, noDiffoscope } from './diffoscope.js';
import { line, race } from './measure.js';
import { program } from './samesource.js';

const files = 5000;
const size = 45_000;
const changed = new Set([17, 2500, 4998]);

export async function explainArchive(dir) {
  const title = 'a 227 MB tar.gz of 5,000 files, three differ';
  if (!hasDiffoscope()) return { title, ...noDiffoscope };
  const [released, rebuilt] = [join(dir, 'released.tar.gz'), join(dir, 'rebuilt.tar.gz')];
  await write(released, changed);
  await write(rebuilt, new Set());
  const hash = fileURLToPath(new URL('programs/gunzip-hash.js', import.meta.url));
  const ours = {
    name: 'samesource compare',
    file: process.execPath,
    args: [program, 'compare', released, rebuilt],
    exit: 1,
    peak: true,
  };
  const bare = { name: 'unpack and hash', file: process.execPath, args: [hash, released, rebuilt] };
  const [compared, hashed] = race([ours, bare], 3);
  const [theirs] = race([diffoscope(released, rebuilt)], 1, { warm: true });
  for (const index of changed) {
    if (!compared.stdout.includes(nameOf(index))) throw new Error(`samesource does not name ${nameOf(index)}`);
  }
  return {
    title,
    runs: [compared, hashed, theirs],
    lines: [
      line('times as fast as diffoscope', theirs.seconds / compared.seconds, '>=', 25),
      line('time, against unpacking and hashing', compared.seconds / hashed.seconds, '<=', 1.5),
      line('peak memory, MB', compared.maxRssBytes / 1e6, '<=', 300),
    ],
  };
}

const nameOf = (index) => `marsh/reed-${String(index).padStart(4, '0')}.bin`;

/** Half noise, half text, so that it packs as programs do. */
async function write(path, altered) {
  const pack = createGzip({ level: 1 });
  const out = pack.pipe(createWriteStream(path));
  let seed = 12345;
  for (let index = 0; index < files; index++) {
    const body = Buffer.alloc(size);
    for (let at = 0; at < size; at += 4) {
      seed = (Math.imul(seed, 1103515245) + 12345) >>> 0;
      body.writeUInt32LE(at % 64 < 32 ? seed : 0x6e656572, at);
    }
    if (altered.has(index)) body[size >> 1] ^= 1;
    const fields = { type: 'file', mode: 0o644, uid: 0, gid: 0, uname: '', gname: '', mtime: 0, link: '' };
    const entry = Buffer.concat([tarHeader({ path: nameOf(index), size, ...fields }), body, tarPadding(size)]);
    if (!pack.write(entry)) await once(pack, 'drain');
  }
  pack.end(tarEnd);
  await once(out, 'finish');
}
