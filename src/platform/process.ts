/** Facts about this process and others, from proc(5). */
import { closeSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';

/** Names a living process beyond its pid: a pid comes back, a start time does not. */
export function processMark(pid = process.pid): string | undefined {
  try {
    const namespace = readlinkSync('/proc/self/ns/pid').replaceAll(/\D/g, '');
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').slice(0, 8);
    const fields = afterName(readFileSync(`/proc/${pid}/stat`, 'utf8'));
    return hasEnded(fields) ? undefined : `${boot}-${namespace}-${pid}-${fields[19] ?? ''}`;
  } catch {
    return undefined;
  }
}

/**
 * Whether the process of a mark is still there. `unknown` for a process of another PID namespace,
 * which cannot be seen from here.
 */
export function markIsAlive(mark: string): 'alive' | 'dead' | 'unknown' {
  const [boot, namespace, pid] = mark.split('-');
  const own = processMark()?.split('-');
  if (own === undefined || pid === undefined) return 'unknown';
  if (boot !== own[0]) return 'dead';
  if (namespace !== own[1]) return 'unknown';
  return processMark(Number(pid)) === mark ? 'alive' : 'dead';
}

export interface TreeUse {
  readonly pids: readonly number[];
  /** Sum of resident memory, bytes. */
  readonly residentBytes: number;
}

/** A process and all that descend from it. */
export async function treeUse(root: number): Promise<TreeUse> {
  const children = new Map<number, number[]>();
  const resident = new Map<number, number>();
  for (const name of await readdir('/proc')) {
    const pid = Number(name);
    if (!Number.isInteger(pid)) continue;
    const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => undefined);
    if (stat === undefined) continue;
    const fields = afterName(stat);
    const parent = Number(fields[1]);
    children.set(parent, [...(children.get(parent) ?? []), pid]);
    resident.set(pid, Number(fields[21]) * 4096);
  }
  const pids: number[] = [];
  for (const queue = [root]; queue.length > 0;) {
    const pid = queue.shift();
    if (pid === undefined) break;
    pids.push(pid);
    queue.push(...(children.get(pid) ?? []));
  }
  return { pids, residentBytes: pids.reduce((sum, pid) => sum + (resident.get(pid) ?? 0), 0) };
}

const closeOnExec = 0o2000000;

/**
 * Closes what we inherited without asking for it, so that no program that we start gets it. Node
 * opens everything with O_CLOEXEC and marks the first 16 that it inherits, so a channel to a parent
 * Node process stays; whatever else is open without the mark came from our own parent.
 */
export function closeInherited(): void {
  for (const name of readdirSync('/proc/self/fd')) {
    const descriptor = Number(name);
    if (descriptor > 2 && isInheritable(descriptor)) closeSync(descriptor);
  }
}

/** False for the descriptor that listed the directory, which is closed by now. */
function isInheritable(descriptor: number): boolean {
  try {
    const flags = /^flags:\s*(\d+)$/m.exec(readFileSync(`/proc/self/fdinfo/${descriptor}`, 'utf8'))?.[1];
    return flags !== undefined && (Number.parseInt(flags, 8) & closeOnExec) === 0;
  } catch {
    return false;
  }
}

/** proc(5): field 2 is in parentheses and may hold anything; state is field 3. */
function afterName(stat: string): string[] {
  return stat.slice(stat.lastIndexOf(')') + 2).split(' ');
}

/** A process that was killed keeps its entry until its parent asks for it, and does nothing any more. */
function hasEnded(fields: readonly string[]): boolean {
  return fields[0] === 'Z' || fields[0] === 'X';
}
