import { link, type InstalledPackage, type Mend, type RootView } from './types.ts';

interface Alternative {
  readonly link: string;
  readonly name: string;
  readonly path: string;
  readonly priority: number;
  readonly slaves: readonly Omit<Alternative, 'priority' | 'slaves'>[];
}

/**
 * The links of update-alternatives(1), read from the packages' scripts without running them: `cc`,
 * `c++`, `awk` and the like. For each name the highest priority wins, as in automatic mode.
 */
export function alternatives(root: RootView): Mend[] {
  const best = new Map<string, Alternative>();
  for (const found of root.packages.flatMap(offers)) {
    if (!root.has(inRoot(found.path))) continue;
    const known = best.get(found.name);
    if (known === undefined || found.priority > known.priority) best.set(found.name, found);
  }
  const links = [...best.values()].flatMap((one) => [
    one,
    ...one.slaves.filter((slave) => root.has(inRoot(slave.path))),
  ]);
  return [...links.flatMap(alternativeLinks), ...javaPrograms(root, links)];
}

/** `/usr/bin/cc -> /etc/alternatives/cc -> /usr/bin/gcc`. */
function alternativeLinks(one: Omit<Alternative, 'priority' | 'slaves'>): Mend[] {
  return [link(inRoot(one.link), `/etc/alternatives/${one.name}`), link(`etc/alternatives/${one.name}`, one.path)];
}

function inRoot(path: string): string {
  const relative = path.replace(/^\/+/, '');
  return /^(?:bin|sbin|lib\w*)\//.test(relative) ? `usr/${relative}` : relative;
}

function offers(from: InstalledPackage): Alternative[] {
  const script = from.script('postinst');
  if (script === undefined) return [];
  const lines = script.replaceAll(/\\\n/g, ' ').split('\n');
  const values = new Map(lines.flatMap((line) => assignment(line) ?? []));
  return lines.flatMap((line) => installCommand(expand(line, values)) ?? []);
}

/** `name=value`, if the value needs no shell to be known. */
function assignment(line: string): [[string, string]] | undefined {
  const match = /^\s*(\w+)=(?:"([^"$`]*)"|'([^']*)'|([\w./+-]*))\s*;?\s*$/.exec(line);
  return match?.[1] === undefined ? undefined : [[match[1], match[2] ?? match[3] ?? match[4] ?? '']];
}

function expand(line: string, values: ReadonlyMap<string, string>): string {
  return line.replaceAll(
    /\$(?:\{(\w+)\}|(\w+))/g,
    (whole, braced: string | undefined, bare: string | undefined) => values.get(braced ?? bare ?? '') ?? whole,
  );
}

function installCommand(line: string): Alternative[] | undefined {
  const at = line.indexOf('update-alternatives');
  if (at === -1 || /^\s*#/.test(line)) return undefined;
  const words = line.slice(at).replaceAll(/["']/g, '').split(/\s+/).filter(Boolean);
  const install = words.indexOf('--install');
  const [target, name, path, priority] = words.slice(install + 1, install + 5);
  if (install === -1 || target === undefined || name === undefined || path === undefined) return undefined;
  if (!Number.isInteger(Number(priority)) || [target, name, path].some((word) => /[$`()*]/.test(word)))
    return undefined;
  return [{ link: target, name, path, priority: Number(priority), slaves: slavesIn(words.slice(install + 5)) }];
}

function slavesIn(words: readonly string[]): Alternative['slaves'] {
  return words.flatMap((word, index) => {
    const [target, name, path] = words.slice(index + 1, index + 4);
    if (word !== '--slave' || target === undefined || name === undefined || path === undefined) return [];
    return /[$`()*]/.test(target + name + path) ? [] : [{ link: target, name, path }];
  });
}

/** OpenJDK's scripts register their programs in shell loops, which are not read above. */
function javaPrograms(root: RootView, known: readonly { readonly name: string }[]): Mend[] {
  const taken = new Set(known.map((one) => one.name));
  return root
    .below('usr/lib/jvm')
    .filter((path) => /^usr\/lib\/jvm\/[^/]+\/bin\/[^/]+$/.test(path))
    .flatMap((path) => {
      const name = path.slice(path.lastIndexOf('/') + 1);
      return taken.has(name) || root.has(`usr/bin/${name}`)
        ? []
        : alternativeLinks({ link: `/usr/bin/${name}`, name, path: `/${path}` });
    });
}
