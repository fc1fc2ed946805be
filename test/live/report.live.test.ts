/** The page in a real browser: it needs no network, runs nothing but its own, and knows the reader's file. */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { sha256 } from '../../src/model/digest.ts';
import { reporters } from '../report/reporters.ts';
import type { Document } from '../../src/report/types.ts';
import { comparisons, documents, verdicts } from '../report/examples.ts';
import { poison } from '../report/poison.ts';
import { type Browser, hasChromium, type Page, startChromium, until } from './chromium.ts';

const desktop = { width: 1280, height: 900 };
const phone = { width: 390, height: 844 };
const dark = { features: [{ name: 'prefers-color-scheme', value: 'dark' }] };

describe.skipIf(!hasChromium)('the page in Chromium (Debian package chromium)', { timeout: 60_000 }, () => {
  let browser: Browser;
  let root = '';

  beforeAll(() => {
    root = mkdtempSync(join(tmpdir(), 'samesource-report-'));
    browser = startChromium();
  });
  afterAll(async () => {
    await browser[Symbol.asyncDispose]();
    rmSync(root, { recursive: true, force: true });
  });

  let count = 0;
  async function open(document: Document, size = desktop, media: object = {}): Promise<Page> {
    count += 1;
    const path = join(root, `report-${count}.html`);
    writeFileSync(path, reporters.html(document));
    return browser.open(pathToFileURL(path).href, size, media);
  }

  const told =
    /^(?:Runtime\.(?:exceptionThrown|consoleAPICalled)|Log\.entryAdded|Audits\.issueAdded|Page\.javascriptDialogOpening)$/;

  test.each(documents)(
    'says nothing on the console, breaks no policy and asks for nothing: %s',
    async (_, document) => {
      const page = await open(poison(document));
      const asked = page.events.filter(({ method }) => method === 'Network.requestWillBeSent');
      expect(asked.map(({ params }) => (params['request'] as { url: string }).url)).toEqual([
        expect.stringMatching(/^file:.*\.html$/),
      ]);
      expect(page.events.filter(({ method }) => told.test(method))).toEqual([]);
    },
  );

  test('cannot ask the network, even if something on it tried', async () => {
    const page = await open(verdicts.identical);
    const blocked = await page.evaluate(
      `new Promise((resolve) => {
        addEventListener('securitypolicyviolation', (event) => resolve(event.effectiveDirective));
        fetch('http://127.0.0.1:9/').catch(() => {});
      })`,
    );
    expect(blocked).toBe('connect-src');
  });

  const widths = [phone, { width: 320, height: 700 }, desktop];
  test.each(documents.flatMap((one) => widths.map((size) => [one[0], size.width, one[1], size] as const)))(
    'is no wider than the screen: %s at %i',
    async (_, width, document, size) => {
      for (const one of [document, poison(document)]) {
        const page = await open(one, size);
        expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(width);
      }
    },
  );

  test.each([
    ['light', {}],
    ['dark', dark],
  ])('all text stands out from what is behind it: %s', async (_, media) => {
    for (const document of [verdicts.different, verdicts['identical-with-signature'], comparisons.refused]) {
      const page = await open(document, desktop, media);
      expect(await page.evaluate(`(${String(faintTexts)})()`)).toEqual([]);
    }
  });

  test('looks dark where the reader asked for it', async () => {
    const paper = 'getComputedStyle(document.body).backgroundColor';
    expect(await (await open(verdicts.identical)).evaluate(paper)).toBe('rgb(246, 245, 241)');
    expect(await (await open(verdicts.identical, desktop, dark)).evaluate(paper)).toBe('rgb(19, 19, 18)');
  });

  describe('the file that the reader holds', () => {
    const size = 40_000_000;
    const path = (name: string): string => join(root, name);
    let document: Document;

    beforeAll(() => {
      writeFileSync(path('released'), 'plover\n');
      // Larger than any chunk in which a browser reads.
      truncateSync(path('released'), size);
      writeFileSync(path('rebuilt'), 'quince\n');
      writeFileSync(path('wrong'), 'plover');
      const zeros = Buffer.alloc(size - 7);
      const { released, rebuilt } = comparisons.different;
      document = {
        ...comparisons.different,
        released: { ...released, sha256: sha256(digest('plover\n', zeros)) },
        rebuilt: { ...rebuilt, sha256: sha256(digest('quince\n')) },
      };
    });

    const answer = 'document.getElementById("answer").innerText';
    const given = [
      ['released', /^This is the file this report is about \(dl\/plover 2\.4\.1\.tar\.gz\): the released one\./],
      ['rebuilt', /^This is the rebuilt file \(out\/plover\.tar\.gz\), not the one that was released\./],
      ['wrong', /^This is not the file this report is about\./],
    ] as const;

    test.each(given)('picked: %s', async (name, words) => {
      const page = await open(document);
      await pick(page, path(name));
      expect(await answerOf(page)).toMatch(words);
    });

    test.each(given)('dropped: %s', async (name, words) => {
      const page = await open(document);
      const at = (await page.evaluate(
        '(() => { const { x, y } = document.getElementById("drop").getBoundingClientRect(); return { x: x + 9, y: y + 9 }; })()',
      )) as { x: number; y: number };
      await page.send('Input.dispatchDragEvent', dragged('dragEnter', at, path(name)));
      await page.send('Input.dispatchDragEvent', dragged('dragOver', at, path(name)));
      await page.send('Input.dispatchDragEvent', dragged('drop', at, path(name)));
      expect(await answerOf(page)).toMatch(words);
      expect(await page.evaluate('location.pathname')).toMatch(/report-\d+\.html$/);
    });

    test('shows the whole digest, and says nothing of an earlier file', async () => {
      const page = await open(document);
      await pick(page, path('released'));
      await pick(page, path('wrong'));
      expect(await answerOf(page)).toMatch(/^This is not/);
      await new Promise((resolve) => setTimeout(resolve, 1500));
      expect(await answerOf(page)).toMatch(/^This is not/);
      const shown = await page.evaluate('document.getElementById("answer-hash").textContent');
      expect(shown).toBe(digest('plover'));
      expect(page.events.filter(({ method }) => told.test(method))).toEqual([]);
    });

    async function answerOf(page: Page): Promise<unknown> {
      await until(async () => String(await page.evaluate(answer)).startsWith('This'), 'an answer');
      return page.evaluate(answer);
    }
  });

  test('without its script it still says all, and how to compare by hand', async () => {
    const page = await open(verdicts.different);
    await page.send('Emulation.setScriptExecutionDisabled', { value: true });
    await page.send('Page.reload');
    await until(
      () => Promise.resolve(page.events.filter(({ method }) => method === 'Page.loadEventFired').length === 2),
      'the page to load again',
    );
    const text = String(await page.evaluate('document.body.innerText'));
    expect(text).toContain('sha256sum FILE');
    expect(text).not.toContain('Drop the file here');
    expect(await page.evaluate('document.querySelectorAll("[data-copy]").length')).toBeGreaterThan(2);
  });

  test('on paper nothing is folded away, and nothing is there to click', async () => {
    const page = await open(verdicts.different, desktop, { media: 'print' });
    await page.evaluate('dispatchEvent(new Event("beforeprint"))');
    expect(await page.evaluate('document.querySelectorAll("details:not([open])").length')).toBe(0);
    const shown =
      '[...document.querySelectorAll(".drop, .copy, .views")].filter((one) => one.offsetParent !== null).length';
    expect(await page.evaluate(shown)).toBe(0);
    const { data } = await page.send('Page.printToPDF', {});
    expect(Buffer.from(String(data), 'base64').subarray(0, 5).toString()).toBe('%PDF-');
  });

  test('can be used from the keyboard alone', async () => {
    const page = await open(comparisons.different);
    const reached: unknown[] = [];
    for (let step = 0; step < 40; step += 1) {
      for (const type of ['keyDown', 'keyUp'])
        await page.send('Input.dispatchKeyEvent', { type, key: 'Tab', code: 'Tab', windowsVirtualKeyCode: 9 });
      reached.push(await page.evaluate('document.activeElement.id || document.activeElement.tagName'));
    }
    expect(reached).toEqual(expect.arrayContaining(['A', 'BUTTON', 'pick', 'SUMMARY', 'view-both']));
  });

  test('shows bytes, text or both, as chosen', async () => {
    const page = await open(comparisons.different);
    const visible = (part: string): Promise<unknown> =>
      page.evaluate(`document.querySelector('details[open] .delta.both .${part}').offsetParent !== null`);
    for (const [choice, hex, text] of [
      ['both', true, true],
      ['hex', true, false],
      ['text', false, true],
    ] as const) {
      await page.evaluate(`document.getElementById('view-${choice}').click()`);
      expect([await visible('hex'), await visible('text')]).toEqual([hex, text]);
    }
  });
});

const diffoscope = '/usr/bin/diffoscope';

test.skipIf(!existsSync(diffoscope))(
  'diffoscope reads its own format from us (Debian package diffoscope-minimal)',
  () => {
    const folder = mkdtempSync(join(tmpdir(), 'samesource-report-'));
    const file = join(folder, 'plover.json');
    writeFileSync(file, reporters['diffoscope-json'](poison(verdicts.different)));
    // 1 is its word for `different`; an unreadable file ends in 2.
    const read = spawnSync(diffoscope, ['--text', '-', '--load-existing-diff', file], { encoding: 'utf8' });
    rmSync(folder, { recursive: true });
    expect(read).toMatchObject({
      status: 1,
      stdout: expect.stringContaining('grave: changed-code, proved: check_licence()'),
    });
  },
);

function digest(...parts: readonly (string | Buffer)[]): string {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return hash.digest('hex');
}

async function pick(page: Page, path: string): Promise<void> {
  const { root } = await page.send('DOM.getDocument');
  const { nodeId } = await page.send('DOM.querySelector', {
    nodeId: (root as { readonly nodeId: number }).nodeId,
    selector: '#pick',
  });
  await page.send('DOM.setFileInputFiles', { nodeId, files: [path] });
}

function dragged(type: string, { x, y }: { readonly x: number; readonly y: number }, path: string): object {
  return { type, x, y, data: { items: [], files: [path], dragOperationsMask: 1 } };
}

interface PageElement {
  readonly parentElement: PageElement | null;
  readonly offsetParent: unknown;
  readonly tagName: string;
}

interface PageGlobals {
  readonly document: {
    readonly body: PageElement;
    createTreeWalker(
      root: PageElement,
      show: number,
    ): { nextNode(): unknown; readonly currentNode: { readonly data: string; readonly parentElement: PageElement } };
  };
  getComputedStyle(element: PageElement): { readonly color: string; readonly backgroundColor: string };
}

/** Runs in the page: texts whose contrast with what is behind them is below WCAG's 4.5. */
function faintTexts(): string[] {
  const page = globalThis as unknown as PageGlobals;
  const parse = (color: string): number[] => (color.match(/[\d.]+/g) ?? []).map(Number);
  const light = (color: string): number => {
    const [r = 0, g = 0, b = 0] = parse(color).map((part) => {
      const share = part / 255;
      return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const behind = (element: PageElement): string => {
    for (let at: PageElement | null = element; at !== null; at = at.parentElement) {
      const color = page.getComputedStyle(at).backgroundColor;
      if ((parse(color)[3] ?? 1) > 0.99) return color;
    }
    return 'rgb(255, 255, 255)';
  };
  const textNodes = 4;
  const walker = page.document.createTreeWalker(page.document.body, textNodes);
  const faint: string[] = [];
  while (walker.nextNode() !== null) {
    const { data, parentElement: element } = walker.currentNode;
    if (data.trim() === '' || element.offsetParent === null || element.tagName === 'SCRIPT') continue;
    const [a, b] = [light(page.getComputedStyle(element).color), light(behind(element))];
    const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    if (ratio < 4.5) faint.push(`${ratio.toFixed(2)}: ${data.trim().slice(0, 40)}`);
  }
  return faint;
}
