import { Readable } from 'node:stream';
import { afterAll, expect, test } from 'vitest';
import { bringBubblewrap } from '../../src/engine/bubblewrap/bring.ts';
import { pinnedPackages } from '../../src/engine/bubblewrap/packages.ts';
import type { Http } from '../../src/platform/http.ts';
import { context, platform, remove, scratch } from './support.ts';

const root = scratch('bring');
afterAll(() => remove(root));

/** An archive that answers every question the same. */
function archive(status: number, content: string, asked: string[] = []): Http {
  return async ({ url }) => {
    asked.push(url);
    const body = Object.assign(Readable.from([Buffer.from(content)]), { dump: async () => {} });
    return { status, headers: {}, urls: [url], body };
  };
}

test('asks the mirror, then the snapshot archive, then for present versions', async () => {
  const asked: string[] = [];
  const ctx = await context(root, { http: archive(404, '', asked) });
  const brought = await bringBubblewrap(ctx, async () => []);
  expect(brought.packages).toEqual([]);
  const path = pinnedPackages(platform)[0]?.path ?? '';
  expect(asked).toHaveLength(2);
  expect(asked[0]).toBe(`${ctx.settings.mirrors['debian']}/${path}`);
  expect(asked[1]).toMatch(/\/archive\/debian\/\d{8}T\d{6}Z\/pool\//);
});

test('where nothing can be reached, it cannot be had', async () => {
  const ctx = await context(root, { http: archive(404, '') });
  await expect(bringBubblewrap(ctx)).rejects.toMatchObject({ code: 'artifact-unavailable' });
});

test('a changed package is refused, and no other version is taken for it', async () => {
  const ctx = await context(root, { http: archive(200, 'changed') });
  const never = () => Promise.reject(new Error('asked for other versions'));
  await expect(bringBubblewrap(ctx, never)).rejects.toMatchObject({ code: 'digest-mismatch' });
});
