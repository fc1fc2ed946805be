/** What the kernel's memory limit did, from cgroups(7). */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

const hierarchy = '/sys/fs/cgroup';

/**
 * Whether the kernel has killed for memory in the cgroup of a process. It kills one process and lets
 * the others go on, which may then wait for ever.
 */
export async function hasKilled(pid: number): Promise<boolean> {
  const groups = await readFile(`/proc/${pid}/cgroup`, 'utf8').catch(() => '');
  for (const path of memoryEvents(groups)) {
    const events = await readFile(path, 'utf8').catch(() => '');
    if (Number(/^oom_kill (\d+)$/m.exec(events)?.[1] ?? 0) > 0) return true;
  }
  return false;
}

/** Files with a line `oom_kill COUNT`: version 1 names controllers, version 2 has the one line `0::PATH`. */
export function memoryEvents(groups: string): string[] {
  return groups.split('\n').flatMap((line) => {
    const [, controllers, path] = /^\d+:([^:]*):(.+)$/.exec(line) ?? [];
    if (controllers === undefined || path === undefined) return [];
    if (controllers === '') return [join(hierarchy, path, 'memory.events')];
    return controllers.split(',').includes('memory') ? [join(hierarchy, 'memory', path, 'memory.oom_control')] : [];
  });
}
