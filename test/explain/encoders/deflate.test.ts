import { deflateRawSync } from 'node:zlib';
import { expect, test, vi } from 'vitest';
import { encoders, packsTo } from '../../../src/explain/encoders/deflate.ts';
import { bufferView } from '../../../src/platform/view.ts';
import { have, madeBy } from '../../ledger/tools.ts';

vi.setConfig({ testTimeout: 30_000 });

const payload = Buffer.from(
  Array.from({ length: 20_000 }, (_, at) => `${(at * 7919) % 10_007} plover ${(at * 31) % 97}\n`).join(''),
);

const levels = [1, 2, 3, 4, 5, 6, 7, 8, 9];

test.skipIf(!have('python3'))('the plain family packs as zlib does, at every level (needs python3)', () => {
  const script = `python3 -c "
import zlib, struct
d = open('big', 'rb').read()
o = open('out', 'wb')
for m in (8, 9):
    for l in range(1, 10):
        c = zlib.compressobj(l, 8, -15, m)
        b = c.compress(d) + c.flush()
        o.write(struct.pack('<I', len(b)) + b)
"`;
  const all = madeBy(script, { big: payload });
  let at = 0;
  for (const memLevel of [8, 9]) {
    for (const level of levels) {
      const size = all.readUInt32LE(at);
      const packed = bufferView(all.subarray(at + 4, at + 4 + size));
      at += 4 + size;
      const encoder = encoders.find((one) => one.vanilla && one.level === level && one.memLevel === memLevel);
      if (encoder === undefined) throw new Error(`no encoder of level ${level}`);
      const { agrees, exact } = packsTo(encoder, bufferView(payload), packed, Infinity);
      expect([level, agrees, exact]).toEqual([level, true, true]);
    }
  }
  expect(at).toBe(all.length);
});

// Elsewhere Node finds its matches with the hash of that processor.
test.skipIf(process.arch !== 'x64').each(levels)("the other packs as Node's zlib does, level %i (x86-64)", (level) => {
  const encoder = encoders.find((one) => !one.vanilla && one.level === level && one.memLevel === 8);
  if (encoder === undefined) throw new Error('no encoder');
  const packed = deflateRawSync(payload, { level });
  expect(packsTo(encoder, bufferView(payload), bufferView(packed), Infinity)).toMatchObject({
    agrees: true,
    exact: true,
  });
  for (const at of [0, packed.length >> 1, packed.length - 1]) {
    const changed = Buffer.from(packed);
    changed[at] = (changed[at] ?? 0) ^ 1;
    expect(packsTo(encoder, bufferView(payload), bufferView(changed), Infinity).agrees).toBe(false);
  }
  const longer = bufferView(Buffer.concat([packed, Buffer.from([0])]));
  expect(packsTo(encoder, bufferView(payload), longer, Infinity).agrees).toBe(false);
  const cut = bufferView(packed.subarray(0, -1));
  expect(packsTo(encoder, bufferView(payload), cut, Infinity).agrees).toBe(false);
});

test('a start of the payload agrees, and proves nothing', () => {
  const [encoder] = encoders;
  if (encoder === undefined) throw new Error('no encoder');
  const packed = bufferView(deflateRawSync(payload, { level: 6, strategy: 2 }));
  expect(packsTo(encoder, bufferView(payload), packed, 1000).exact).toBe(false);
});
