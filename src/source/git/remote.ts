/** Where a repository is: which addresses are taken, and what of them may be shown. */
import { resolve } from 'node:path';
import { messageOf, SamesourceError } from '../../model/error.ts';

export type GitProtocol = 'https' | 'http' | 'ssh' | 'git' | 'file';

export interface GitRemote {
  /** As handed to git; may hold credentials. */
  readonly url: string;
  /** The same without credentials: for messages, locks and verdicts. */
  readonly shown: string;
  readonly protocol: GitProtocol;
}

/**
 * Reads a claim's address: an https, ssh or file URL, `user@host:path`, or a path relative to `base`.
 * Plain http and git are taken from this machine only: whoever is on the way could move a tag.
 * @throws SamesourceError `claim-invalid` for any other form
 */
export function gitRemote(url: string, base: string): GitRemote {
  if (url === '' || url.startsWith('-') || hasControl(url)) throw invalid(url, 'not a repository address');
  if (/^[a-z0-9+.-]+::/i.test(url)) throw invalid(url, 'remote helpers are not run');
  if (/^[a-z0-9+.-]+:\/\//i.test(url)) return fromUrl(url);
  if (/^[^/]*:/.test(url)) return fromScp(url);
  const path = resolve(base, url);
  return { url: path, shown: url, protocol: 'file' };
}

/** A submodule's address: relative to its parent's where it begins with a dot, and no less secure than it. */
export function submoduleRemote(url: string, parent: GitRemote, path: string): GitRemote {
  const remote = readSubmodule(/^\.\.?\//.test(url) ? relativeTo(parent.url, url) : url, path);
  if (remote.protocol === 'https' || remote.protocol === parent.protocol) return remote;
  const what = `its address ${remote.shown} is ${remote.protocol}, in a repository fetched by ${parent.protocol}`;
  throw new SamesourceError('archive-unsafe', `submodule ${path}: ${what}`);
}

/** A bad address in a claim is the claim's fault, one in a repository is the repository's. */
function readSubmodule(url: string, path: string): GitRemote {
  try {
    return gitRemote(url, '/');
  } catch (error) {
    const detail = messageOf(error);
    throw new SamesourceError('archive-unsafe', `submodule ${path}: ${detail}`, { cause: error });
  }
}

function fromUrl(text: string): GitRemote {
  if (!URL.canParse(text)) throw invalid(text, 'not a URL');
  const url = new URL(text);
  const protocol = url.protocol.slice(0, -1).replace(/^git\+ssh$|^ssh\+git$/, 'ssh');
  if (!isProtocol(protocol)) throw invalid(showUrl(url), `${protocol} is not a protocol for repositories`);
  if ((protocol === 'http' || protocol === 'git') && !isLoopback(url.hostname)) {
    throw invalid(showUrl(url), `${protocol} is not secure`);
  }
  const user = decodeURIComponent(url.username);
  if (user.startsWith('-') || url.hostname.startsWith('-') || /^\/+-/.test(url.pathname)) {
    throw invalid(showUrl(url), 'a part of it begins with a dash');
  }
  return { url: text, shown: showUrl(url), protocol };
}

function fromScp(text: string): GitRemote {
  if (!/^(?:[\w.]+@)?\w[\w.-]*:[^-:][^:]*$/.test(text)) throw invalid(text, 'not a repository address');
  return { url: text, shown: text, protocol: 'ssh' };
}

function relativeTo(parent: string, url: string): string {
  const parts = parent.replace(/\/+$/, '').split('/');
  for (const part of url.split('/')) {
    if (part === '..') parts.pop();
    else if (part !== '.' && part !== '') parts.push(part);
  }
  return parts.join('/');
}

function showUrl(url: URL): string {
  const shown = new URL(url);
  shown.password = '';
  if (url.protocol !== 'ssh:') shown.username = '';
  return shown.href;
}

function isProtocol(text: string): text is GitProtocol {
  return ['https', 'http', 'ssh', 'git', 'file'].includes(text);
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '[::1]' || /^127(?:\.\d{1,3}){3}$/.test(host);
}

function hasControl(text: string): boolean {
  return /[\s\p{Cc}]/u.test(text);
}

function invalid(url: string, why: string): SamesourceError {
  return new SamesourceError('claim-invalid', `git address "${url}": ${why}`, {
    hint: 'use an https, ssh or file URL, or a path',
  });
}
