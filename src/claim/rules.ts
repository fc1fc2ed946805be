/**
 * What a value in a claim must not be. Each rule answers with what is wrong and what to write, or
 * with nothing.
 */
import { posix } from 'node:path';
import { clip } from '../format/shape.ts';
import { allowanceNames, isAllowance } from '../model/allowance.ts';

/** Anything but a line of text is refused everywhere. */
export function plainLine(text: string): boolean {
  return !/\p{Cc}/u.test(text);
}

export function describe(input: unknown, rule: (text: string) => string | undefined): string {
  const text = String(input);
  if (text === '') return 'is empty';
  if (!plainLine(text)) return `"${clip(text)}" holds a control character`;
  return `"${clip(text)}" ${rule(text) ?? 'is refused'}`;
}

export function shortDigest(input: unknown): string {
  return `"${clip(String(input))}" is not a full SHA-256: write all 64 lower-case hex digits`;
}

export function shortId(input: unknown): string {
  return `"${clip(String(input))}" is not a full object id: write all 40 (or 64) lower-case hex digits`;
}

export function tag(text: string): string | undefined {
  if (text.startsWith('refs/tags/')) return `is a full ref name: write ${text.slice('refs/tags/'.length)}`;
  if (text.startsWith('refs/')) return 'names no tag: write the short name of a tag';
  // git-check-ref-format(1)
  const malformed = /[\s~^:?*[\\]|\.\.|@\{|\/\/|^[-./]|[./]$|\.lock(?:\/|$)|^@$/.test(text);
  return malformed ? 'is not a tag name' : undefined;
}

export function gitUrl(text: string): string | undefined {
  if (text.startsWith('-')) return 'begins with a dash';
  // `ext::sh -c …` would run a program.
  if (/^[A-Za-z0-9+.-]+::/.test(text)) return 'names a transport helper: write an https, ssh or file URL, or a path';
  const scheme = /^([A-Za-z][A-Za-z0-9+.-]*):\/\//.exec(text)?.[1]?.toLowerCase();
  if (scheme === undefined || ['https', 'http', 'ssh', 'file', 'git'].includes(scheme)) return undefined;
  return `has the scheme ${scheme}: write an https, ssh or file URL, or a path`;
}

/** http(s) or file URL, or a path. */
export function location(text: string): string | undefined {
  const scheme = /^([A-Za-z][A-Za-z0-9+.-]*):/.exec(text)?.[1]?.toLowerCase();
  if (scheme === undefined) return text.startsWith('-') ? 'begins with a dash: write ./ before it' : undefined;
  if (!['https', 'http', 'file'].includes(scheme)) return `has the scheme ${scheme}: write an https URL or a path`;
  if (!URL.canParse(text)) return 'is not a URL';
  const url = new URL(text);
  if (scheme === 'file' && url.host !== '') return 'names a host: write file:///PATH';
  if (url.username !== '' || url.password !== '') return 'holds a password: leave it out';
  return undefined;
}

/** deb-src-control(5): at least two characters, lower case. */
export function debianName(text: string): string | undefined {
  return /^[a-z0-9][a-z0-9+.-]+$/.test(text) ? undefined : 'is not a Debian package name';
}

/** deb-version(7) */
export function debianVersion(text: string): string | undefined {
  return /^(?:[0-9]+:)?[0-9A-Za-z.+~-]+$/.test(text) ? undefined : 'is not a Debian version';
}

export function debianArch(text: string): string | undefined {
  return /^[a-z0-9-]+$/.test(text) ? undefined : 'is not a Debian architecture';
}

export function suite(text: string): string | undefined {
  return /^[a-z][a-z0-9.+-]*$/.test(text) ? undefined : 'is not a suite: write bookworm, bookworm-security, ...';
}

export function image(text: string): string | undefined {
  if (/^-|\s/.test(text)) return 'is not an image';
  if (/@sha256:[0-9a-f]{64}$/.test(text)) return undefined;
  return 'is not named by digest: write NAME@sha256: and all 64 hex digits';
}

const systemDirectories = new Set(
  '/ /bin /boot /dev /etc /home /lib /lib32 /lib64 /libx32 /media /mnt /opt /proc /root /run /sbin /srv /sys /tmp /usr /var /usr/bin /usr/include /usr/lib /usr/libexec /usr/local /usr/sbin /usr/share /var/lib /var/tmp'.split(
    ' ',
  ),
);

/** The parent of `dir` becomes the build's writable mount, and must not hide the toolchain. */
export function buildDir(text: string): string | undefined {
  if (!text.startsWith('/')) return 'is relative: write an absolute path such as /build/NAME';
  if (posix.normalize(text) !== text || text.endsWith('/')) return `is not in its plain form: write ${plain(text)}`;
  if (systemDirectories.has(text)) return 'is a directory of the system: write a path such as /build/NAME';
  const parent = posix.dirname(text);
  if (parent !== '/home' && parent !== '/tmp' && systemDirectories.has(parent)) {
    return `would hide ${parent} of the toolchain: write a path such as /build/NAME`;
  }
  if (/^\/(?:proc|dev|sys|run|etc|bin|sbin|lib[^/]*|boot)\//.test(text)) return 'lies in a directory of the system';
  return undefined;
}

function plain(text: string): string {
  return posix.normalize(text).replace(/\/$/, '') || '/build/NAME';
}

/** Inside the mount: below `build.dir`, or in its parent. */
export function artifactPath(text: string): string | undefined {
  if (text.startsWith('/')) return 'is absolute: write it relative to build.dir';
  if (posix.normalize(text) !== text || text.endsWith('/')) return 'is not in its plain form';
  if (text === '.' || text === '..' || text.startsWith('../../')) return 'leaves the parent of build.dir';
  return undefined;
}

export function memberPath(text: string): string | undefined {
  if (text.startsWith('/')) return 'is absolute: write it as the archive does, without a leading slash';
  const plainForm = posix.normalize(text) === text && !text.endsWith('/');
  return !plainForm || text === '.' || text.split('/').includes('..') ? 'is not a plain relative path' : undefined;
}

/** Named and versioned; never a pattern. */
export function allowance(text: string): string | undefined {
  return isAllowance(text) ? undefined : `is not a known allowance: write one of ${allowanceNames.join(', ')}`;
}
