/** Being allowed to read one repository: nothing, a bearer token, or a user name and password. */
import { parseDocument, record } from '../../format/oci.ts';
import { SamesourceError } from '../../model/error.ts';
import type { HttpAnswer } from '../../platform/http.ts';
import type { Context } from '../../store/context.ts';
import { parseChallenge, type Challenge } from './challenge.ts';
import { storedCredentials } from './credentials.ts';
import type { Reference } from './reference.ts';

type Headers = Readonly<Record<string, string>>;

export interface Session {
  /** `http://HOST` or `https://HOST`. */
  readonly origin: string;
  /** What to send with the next request. A token that will soon end is replaced. */
  headers(): Promise<Headers>;
}

/** Tokens of the distribution-spec live 60 seconds unless they say otherwise. */
const shortestLife = 60;
const tokenLimit = 64 * 1024;

/** `probe` is an address of the repository: what it answers without a token says how to get one. */
export function openSession(ctx: Context, from: Reference, probe: string): Session {
  const plain = ctx.settings.insecureRegistries.includes(from.registry);
  const origin = `${plain ? 'http' : 'https'}://${from.registry}`;
  let known: { readonly headers: Headers; readonly until: number } | undefined;

  const authenticate = async (): Promise<{ headers: Headers; until: number }> => {
    const answer = await ctx.http({ url: `${origin}${probe}`, method: 'HEAD', signal: ctx.signal });
    await answer.body.dump();
    if (answer.status !== 401) return { headers: {}, until: Number.POSITIVE_INFINITY };
    const challenge = parseChallenge(answer.headers['www-authenticate'], origin);
    const credentials = await storedCredentials(from.registry, ctx.env);
    if (challenge.scheme === 'bearer') return askToken(ctx, from, challenge, credentials, plain);
    if (credentials === undefined) throw denied(from, 'asks for a user name and a password');
    return { headers: { authorization: `Basic ${credentials}` }, until: Number.POSITIVE_INFINITY };
  };

  return {
    origin,
    async headers() {
      if (known === undefined || known.until <= ctx.now().getTime()) known = await authenticate();
      return known.headers;
    },
  };
}

async function askToken(
  ctx: Context,
  from: Reference,
  challenge: Extract<Challenge, { scheme: 'bearer' }>,
  credentials: string | undefined,
  plain: boolean,
): Promise<{ headers: Headers; until: number }> {
  const url = realmUrl(challenge, from, plain);
  const headers: Record<string, string> = credentials === undefined ? {} : { authorization: `Basic ${credentials}` };
  const askedAt = ctx.now().getTime();
  const answer = await ctx.http({ url: url.href, headers, signal: ctx.signal });
  const body = await collect(answer, url.href);
  if (answer.status !== 200) throw denied(from, `refused a token (${url.origin} answered ${answer.status})`);
  const { token, access_token: accessToken, expires_in: expiresIn } = record(parseDocument(body, url.href), url.href);
  const given = token ?? accessToken;
  if (typeof given !== 'string' || !/^[\x21-\x7e]+$/.test(given)) throw denied(from, 'gave no token');
  const life = typeof expiresIn === 'number' && expiresIn > shortestLife ? expiresIn : shortestLife;
  return { headers: { authorization: `Bearer ${given}` }, until: askedAt + life * 500 };
}

/** Passwords and tokens go over plain http only where the user has said that the registry does. */
function realmUrl(challenge: Extract<Challenge, { scheme: 'bearer' }>, from: Reference, plain: boolean): URL {
  if (!URL.canParse(challenge.realm)) throw denied(from, `names "${challenge.realm}" as its token server`);
  const url = new URL(challenge.realm);
  if (url.protocol !== 'https:' && !(plain && url.protocol === 'http:')) {
    throw denied(from, `names "${challenge.realm}" as its token server, which is not secure`);
  }
  if (challenge.service !== undefined) url.searchParams.set('service', challenge.service);
  // Asked for by us, not by the challenge: reading this one repository.
  url.searchParams.set('scope', `repository:${from.name}:pull`);
  return url;
}

async function collect(answer: HttpAnswer, url: string): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of answer.body) {
    size += chunk.length;
    if (size > tokenLimit) throw new SamesourceError('too-large', `${url} sends more than ${tokenLimit} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function denied(from: Reference, what: string): SamesourceError {
  return new SamesourceError('toolchain-unavailable', `registry ${from.registry} ${what}`, {
    hint: `if the image is not public, run: docker login ${from.registry}`,
  });
}
