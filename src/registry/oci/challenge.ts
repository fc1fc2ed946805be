/** `WWW-Authenticate`, as registries send it (RFC 9110 §11.6.1, distribution-spec "token authentication"). */
import { SamesourceError } from '../../model/error.ts';

export type Challenge =
  | { readonly scheme: 'basic' }
  | { readonly scheme: 'bearer'; readonly realm: string; readonly service?: string; readonly scope?: string };

const parameter = /^\s*([a-z]+)\s*=\s*(?:"([^"\\]*)"|([^\s",]+))\s*(?:,|$)/i;

/** @throws SamesourceError `toolchain-unavailable` for a way of authentication that is not known */
export function parseChallenge(header: string | readonly string[] | undefined, from: string): Challenge {
  const text = typeof header === 'string' ? header : (header?.[0] ?? '');
  const [scheme = '', ...rest] = text.trim().split(/\s+/);
  if (scheme.toLowerCase() === 'basic') return { scheme: 'basic' };
  const found = parameters(rest.join(' '));
  const realm = found.get('realm');
  if (scheme.toLowerCase() !== 'bearer' || realm === undefined) {
    throw new SamesourceError('toolchain-unavailable', `${from} asks for authentication by "${text}"`);
  }
  const [service, scope] = [found.get('service'), found.get('scope')];
  return {
    scheme: 'bearer',
    realm,
    ...(service === undefined ? {} : { service }),
    ...(scope === undefined ? {} : { scope }),
  };
}

function parameters(text: string): Map<string, string> {
  const found = new Map<string, string>();
  for (let rest = text; rest !== '';) {
    const match = parameter.exec(rest);
    if (match === null) break;
    const [whole, name = '', quoted, bare] = match;
    found.set(name.toLowerCase(), quoted ?? bare ?? '');
    rest = rest.slice(whole.length);
  }
  return found;
}
