/** From a plan to bubblewrap's argument vector, bwrap(1). Pure. */
import { launched } from '../launcher.ts';
import { inside, type RunPlan } from '../types.ts';

/** Descriptors that bubblewrap reads its filter from and reports to. */
export const descriptors = { seccomp: 3, status: 4 } as const;

const sharedMemoryBytes = 64 * 1024 * 1024;

/** Everything after the program's name. */
export function bubblewrapArguments(plan: RunPlan): string[] {
  const environment = Object.entries(plan.env).flatMap(([name, value]) => ['--setenv', name, value]);
  const temporary = Math.floor(plan.limits.memoryBytes / 2);
  return [
    isolation,
    ['--clearenv', ...environment],
    ['--ro-bind', plan.tree, '/'],
    systemMounts(temporary),
    ['--bind', plan.mount.host, plan.mount.inside],
    ['--chdir', plan.cwd, '--'],
    launched(plan.argv, { limits: plan.limits, countProcesses: true, first: false, env: plan.env }),
  ].flat();
}

/** The same isolation around a host program that is harmless: what a probe runs. */
export function probeArguments(program: string): string[] {
  return [isolation, ['--clearenv', '--ro-bind', '/', '/'], systemMounts(1024 * 1024), ['--', program]].flat();
}

const isolation: readonly string[] = [
  ['--unshare-user', '--uid', String(inside.uid), '--gid', String(inside.gid), '--disable-userns'],
  ['--unshare-pid', '--unshare-net', '--unshare-ipc', '--unshare-uts', '--unshare-cgroup-try'],
  ['--die-with-parent', '--new-session', '--hostname', inside.hostname, '--cap-drop', 'ALL'],
  ['--seccomp', String(descriptors.seccomp), '--json-status-fd', String(descriptors.status)],
].flat();

/** bubblewrap's /dev is a tmpfs that its user could fill: made read-only, but for /dev/shm. */
function systemMounts(temporaryBytes: number): readonly string[] {
  return [
    ['--proc', '/proc', '--dev', '/dev'],
    ['--perms', '1777', '--size', String(sharedMemoryBytes), '--tmpfs', '/dev/shm'],
    ['--remount-ro', '/dev'],
    ['--perms', '1777', '--size', String(temporaryBytes), '--tmpfs', '/tmp'],
  ].flat();
}
