/** One changed byte in a very large file, against cmp. */
import { closeSync, copyFileSync, openSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { line, race } from './measure.js';
import { program } from './samesource.js';

const sizes = [
  { name: '1 GB, one byte flipped', bytes: 1024 ** 3, at: 778 * 1024 ** 2 },
  { name: '256 MB, changed at 70 %', bytes: 256 * 1024 ** 2, at: Math.floor(256 * 1024 ** 2 * 0.7) },
];

export function explainLarge(dir) {
  const raced = sizes.map(({ name, bytes, at }) => {
    const [released, rebuilt] = [join(dir, 'released.bin'), join(dir, 'rebuilt.bin')];
    write(released, bytes);
    copyFileSync(released, rebuilt);
    flip(rebuilt, at);
    const ours = {
      name: `samesource, ${name}`,
      file: process.execPath,
      args: [program, 'compare', released, rebuilt],
      exit: 1,
      peak: true,
    };
    const cmp = { name: `cmp, ${name}`, file: 'cmp', args: [released, rebuilt], exit: 1, peak: true };
    const runs = race([ours, cmp], 5);
    if (
      !runs[0]?.stdout.includes(String(at).replaceAll(/\B(?=(?:\d{3})+$)/g, ',')) &&
      !runs[0]?.stdout.includes(String(at))
    ) {
      throw new Error(`samesource does not name the offset ${at}`);
    }
    return { name, runs };
  });
  return {
    title: 'one change in a large file',
    runs: raced.flatMap(({ runs }) => runs),
    lines: raced.flatMap(({ name, runs: [ours, cmp] }) => [
      line(`${name}: time, against cmp`, ours.seconds / cmp.seconds, '<=', 2),
      line(`${name}: peak memory, MB`, ours.maxRssBytes / 1e6, '<=', 300),
    ]),
  };
}

function write(path, bytes) {
  const file = openSync(path, 'w');
  const block = Buffer.alloc(1024 ** 2);
  let seed = 99;
  for (let at = 0; at < bytes; at += block.length) {
    for (let index = 0; index < block.length; index += 64) {
      seed = (Math.imul(seed, 1103515245) + 12345) >>> 0;
      block.writeUInt32LE(seed, index);
    }
    writeSync(file, block);
  }
  closeSync(file);
}

function flip(path, at) {
  const file = openSync(path, 'r+');
  writeSync(file, Buffer.from([0xa5]), 0, 1, at);
  closeSync(file);
}
