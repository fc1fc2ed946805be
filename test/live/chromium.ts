/** Debian's Chromium over the DevTools protocol on two pipes: no driver, no port, no network. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable, Writable } from 'node:stream';

const program = '/usr/bin/chromium';
export const hasChromium = existsSync(program);

const flags = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--hide-scrollbars',
  '--remote-debugging-pipe',
];

export interface Event {
  readonly method: string;
  readonly params: Record<string, unknown>;
}

export interface Page {
  /** One command of the protocol, for this page. */
  send(method: string, params?: object): Promise<Record<string, unknown>>;
  /** The value of an expression in the page; promises are awaited. */
  evaluate(expression: string): Promise<unknown>;
  /** Whatever the page's domains have told so far. */
  readonly events: readonly Event[];
}

export interface Browser extends AsyncDisposable {
  /** A page of its own with logs and network told, of this size, at this address; the one before it closes. */
  open(url: string, size: { readonly width: number; readonly height: number }, media?: object): Promise<Page>;
}

interface Message {
  readonly id?: number;
  readonly sessionId?: string;
  readonly method?: string;
  readonly params?: Record<string, unknown>;
  readonly result?: Record<string, unknown>;
  readonly error?: { readonly message: string };
}

export function startChromium(): Browser {
  const profile = mkdtempSync(join(tmpdir(), 'samesource-chromium-'));
  const child = spawn(program, [...flags, `--user-data-dir=${profile}`, 'about:blank'], {
    stdio: ['ignore', 'ignore', 'ignore', 'pipe', 'pipe'],
  });
  const wire = talk(child.stdio[3] as Writable, child.stdio[4] as Readable);
  let last: unknown;
  return {
    open: async (url, size, media) => {
      if (last !== undefined) await wire.send('Target.closeTarget', { targetId: last });
      const { targetId } = await wire.send('Target.createTarget', { url: 'about:blank' });
      last = targetId;
      return openPage(wire, targetId, url, size, media);
    },
    [Symbol.asyncDispose]: async () => {
      const gone = once(child, 'exit');
      await wire.send('Browser.close').catch(() => child.kill('SIGKILL'));
      await gone;
      rmSync(profile, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

interface Wire {
  send(method: string, params?: object, sessionId?: string): Promise<Record<string, unknown>>;
  readonly events: readonly Message[];
}

/** Messages end with a zero byte, in both directions. */
function talk(out: Writable, input: Readable): Wire {
  const waiting = new Map<number, { resolve: (value: Record<string, unknown>) => void; reject: (e: Error) => void }>();
  const events: Message[] = [];
  let rest = '';
  let last = 0;
  input.setEncoding('utf8').on('data', (text: string) => {
    const parts = (rest + text).split('\0');
    rest = parts.pop() ?? '';
    for (const part of parts) {
      const message = JSON.parse(part) as Message;
      const answer = waiting.get(message.id ?? -1);
      if (answer === undefined) events.push(message);
      else if (message.error === undefined) answer.resolve(message.result ?? {});
      else answer.reject(new Error(message.error.message));
    }
  });
  input.on('close', () => {
    for (const { reject } of waiting.values()) reject(new Error('the browser ended'));
  });
  return {
    events,
    send: (method, params = {}, sessionId) =>
      new Promise((resolve, reject) => {
        last += 1;
        waiting.set(last, { resolve, reject });
        out.write(
          `${JSON.stringify({ id: last, method, params, ...(sessionId === undefined ? {} : { sessionId }) })}\0`,
        );
      }),
  };
}

async function openPage(
  wire: Wire,
  targetId: unknown,
  url: string,
  { width, height }: { readonly width: number; readonly height: number },
  media: object = {},
): Promise<Page> {
  const { sessionId } = await wire.send('Target.attachToTarget', { targetId, flatten: true });
  const session = String(sessionId);
  const send: Page['send'] = (method, params) => wire.send(method, params, session);
  const mobile = width < 600;
  await send('Emulation.setDeviceMetricsOverride', { width, height, deviceScaleFactor: 1, mobile });
  await send('Emulation.setEmulatedMedia', media);
  for (const domain of ['Page', 'Runtime', 'Log', 'Network', 'DOM', 'Audits']) await send(`${domain}.enable`);
  await send('Page.navigate', { url });
  const page: Page = {
    send,
    evaluate: (expression) => evaluate(send, expression),
    get events() {
      return wire.events
        .filter((message) => message.sessionId === session)
        .map(({ method = '', params = {} }) => ({ method, params }));
    },
  };
  await until(
    () => Promise.resolve(page.events.some(({ method }) => method === 'Page.loadEventFired')),
    'the page to load',
  );
  return page;
}

async function evaluate(send: Page['send'], expression: string): Promise<unknown> {
  const { result, exceptionDetails } = await send('Runtime.evaluate', {
    expression,
    awaitPromise: true,
    returnByValue: true,
  });
  if (exceptionDetails !== undefined) throw new Error(JSON.stringify(exceptionDetails));
  return (result as { readonly value?: unknown }).value;
}

/** Asks again until it holds. */
export async function until(holds: () => Promise<boolean>, what: string, seconds = 20): Promise<void> {
  const end = performance.now() + seconds * 1000;
  while (!(await holds())) {
    if (performance.now() > end) throw new Error(`waited ${seconds} s in vain for ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
