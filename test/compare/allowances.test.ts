import { describe, expect, test } from 'vitest';
import { allow, type Allowed } from '../../src/compare/allowances.ts';
import { explain } from '../../src/explain/explain.ts';
import { bufferView } from '../../src/platform/view.ts';
import { sealed, tar, tarEntry } from '../format/tar-fixture.ts';
import { zip } from '../format/zip-fixture.ts';

const workshop = { keep: () => Promise.reject(new Error('nothing is kept')), count: () => undefined };

async function allowed(released: Buffer, rebuilt: Buffer, ...names: Parameters<typeof allow>[1]): Promise<Allowed> {
  const { account } = await explain(bufferView(released), bufferView(rebuilt), 'plover', workshop);
  return allow(account, names);
}

describe('owners', () => {
  const ownedBy = (uid: string, mode: number): Buffer => {
    const entry = tarEntry({ path: 'plover', content: 'quince', mode });
    entry.write(uid, 108);
    sealed(entry);
    return tar(entry);
  };

  test('of a file', async () => {
    const { all, bytes } = await allowed(ownedBy('0000000', 0o755), ownedBy('0001750', 0o755), 'archive-owner@1');
    expect({ all, regions: bytes.map(({ regions }) => regions) }).toEqual({ all: true, regions: [1] });
  });

  test('not of a file that runs as its owner', async () => {
    const found = await allowed(ownedBy('0000000', 0o4755), ownedBy('0001750', 0o4755), 'archive-owner@1');
    expect(found).toEqual({ all: false, bytes: [] });
  });
});

test.each([
  [0x5455, 'archive-time@1'],
  [0x7875, 'archive-owner@1'],
] as const)('no payload in an extra field %i of a zip', async (id, name) => {
  const archive = (payload: string): Buffer => {
    const extra = Buffer.alloc(304, payload);
    extra.writeUInt16LE(id, 0);
    extra.writeUInt16LE(300, 2);
    return zip([{ name: 'plover', content: 'quince', extra, localExtra: extra }]);
  };
  expect((await allowed(archive('payload'), archive('PAYLOAD'), name)).all).toBe(false);
});
