/** The only place where the network is asked. */
import { Agent, EnvHttpProxyAgent, request, type Dispatcher } from 'undici';
import { SamesourceError } from '../model/error.ts';

export interface HttpAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  /** Every address that was asked, in order; the last one answered. */
  readonly urls: readonly string[];
  readonly body: AsyncIterable<Uint8Array> & { dump(): Promise<void> };
}

export interface HttpRequest {
  readonly url: string;
  readonly method?: 'GET' | 'HEAD';
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal | undefined;
}

export type Http = (wanted: HttpRequest) => Promise<HttpAnswer>;

const redirectLimit = 5;
const elsewhere = 'name an address that leads to the file itself';
const idleMs = 30_000;
const connectMs = 15_000;

/**
 * An HTTP client that honours `HTTP_PROXY`, `HTTPS_PROXY` and `NO_PROXY`, follows at most five
 * redirects and never goes from https to http.
 * Its function throws `unreachable` where there is no answer, with a hint where asking again cannot
 * help; an answer of any status is returned.
 */
export function httpClient(env: Readonly<Record<string, string | undefined>>): Http {
  let agent: Dispatcher | undefined;
  return async (wanted) => {
    agent ??= dispatcher(env);
    return follow(agent, wanted);
  };
}

/** A client for `--offline`: every question is refused. */
export const noNetwork: Http = async (wanted) => {
  throw new SamesourceError('unreachable', `not downloaded, because of --offline: ${wanted.url}`, {
    hint: 'leave out --offline to download it',
  });
};

async function follow(agent: Dispatcher, wanted: HttpRequest): Promise<HttpAnswer> {
  const urls = [wanted.url];
  let headers = { 'user-agent': 'samesource', ...wanted.headers };
  for (;;) {
    const url = urls.at(-1) ?? wanted.url;
    const answer = await ask(agent, url, { ...wanted, headers });
    const next = redirectTarget(url, answer);
    if (next === undefined) return { status: answer.statusCode, headers: answer.headers, urls, body: answer.body };
    await answer.body.dump();
    if (urls.length > redirectLimit) {
      throw new SamesourceError('unreachable', `more than ${redirectLimit} redirects: ${wanted.url}`, {
        hint: elsewhere,
      });
    }
    if (next.origin !== new URL(url).origin) headers = withoutCredentials(headers);
    urls.push(next.href);
  }
}

async function ask(agent: Dispatcher, url: string, wanted: HttpRequest): Promise<Dispatcher.ResponseData> {
  try {
    const answer = await request(url, {
      dispatcher: agent,
      method: wanted.method ?? 'GET',
      headers: wanted.headers ?? {},
      ...(wanted.signal === undefined ? {} : { signal: wanted.signal }),
    });
    // A body that breaks off before anybody reads it must not end the process; the reader is told later.
    answer.body.on('error', () => {});
    return answer;
  } catch (error) {
    wanted.signal?.throwIfAborted();
    const detail = error instanceof Error ? error.message || error.name : String(error);
    throw new SamesourceError('unreachable', `asking ${url}: ${detail}`, { cause: error });
  }
}

function redirectTarget(from: string, answer: Dispatcher.ResponseData): URL | undefined {
  const location = answer.headers['location'];
  if (![301, 302, 303, 307, 308].includes(answer.statusCode) || typeof location !== 'string') return undefined;
  if (!URL.canParse(location, from)) {
    throw new SamesourceError('unreachable', `redirected to "${location}" by ${from}`, { hint: elsewhere });
  }
  const target = new URL(location, from);
  const downgrade = from.startsWith('https:') && target.protocol !== 'https:';
  if (downgrade || !['http:', 'https:'].includes(target.protocol)) {
    throw new SamesourceError('unreachable', `redirected from ${from} to ${target.href}, which is not secure`, {
      hint: elsewhere,
    });
  }
  return target;
}

function withoutCredentials<T extends Record<string, string>>(headers: T): T {
  const entries = Object.entries(headers).filter(([name]) => name.toLowerCase() !== 'authorization');
  return Object.fromEntries(entries) as T;
}

function dispatcher(env: Readonly<Record<string, string | undefined>>): Dispatcher {
  const timeouts = { connect: { timeout: connectMs }, headersTimeout: idleMs, bodyTimeout: idleMs };
  const httpProxy = env['http_proxy'] ?? env['HTTP_PROXY'];
  const httpsProxy = env['https_proxy'] ?? env['HTTPS_PROXY'];
  const noProxy = env['no_proxy'] ?? env['NO_PROXY'];
  if (httpProxy === undefined && httpsProxy === undefined) return new Agent(timeouts);
  return new EnvHttpProxyAgent({
    ...timeouts,
    ...(httpProxy === undefined ? {} : { httpProxy }),
    ...(httpsProxy === undefined ? {} : { httpsProxy }),
    ...(noProxy === undefined ? {} : { noProxy }),
  });
}
