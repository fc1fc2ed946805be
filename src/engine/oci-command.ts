/** From a plan to the arguments of `podman run` and `docker run`, which both take. Pure. */
import { launched, openFiles } from './launcher.ts';
import { inside, type RunPlan } from './types.ts';

/** What an engine can hold by itself on this machine. */
export interface Abilities {
  /** Memory and process limits for all processes together, by cgroup. */
  readonly cgroupLimits: boolean;
  /** Whether the build's uid is its own inside a user namespace, so that its processes can be counted. */
  readonly ownUser: boolean;
}

export interface Container {
  readonly name: string;
  readonly seccompFile: string;
  readonly abilities: Abilities;
}

/** Enough for any honest build; the engine's cgroup, where it has one, holds the plan's own limit. */
const sharedUidProcesses = 4096;

/** Everything between `run` and the root or image. */
export function runArguments(plan: RunPlan, container: Container): string[] {
  const { limits } = plan;
  const { cgroupLimits, ownUser } = container.abilities;
  const processes = ownUser ? limits.processes : Math.max(limits.processes, sharedUidProcesses);
  const temporary = Math.floor(limits.memoryBytes / 2);
  return [
    ['--name', container.name],
    ['--network', 'none', '--cap-drop', 'ALL', '--security-opt', 'no-new-privileges'],
    ['--security-opt', `seccomp=${container.seccompFile}`],
    ['--read-only', '--user', `${inside.uid}:${inside.gid}`, '--hostname', inside.hostname],
    ['--tmpfs', `/tmp:rw,exec,nosuid,nodev,mode=1777,size=${temporary}`, '--shm-size', '64m'],
    // The machine's devices are none of the build's business.
    ['--tmpfs', '/sys:ro,nosuid,nodev,noexec,mode=555,size=4k'],
    cgroupLimits ? ['--memory', String(limits.memoryBytes), '--memory-swap', String(limits.memoryBytes)] : [],
    cgroupLimits ? ['--pids-limit', String(limits.processes)] : [],
    // All given: engines pass on their own limits, and fail where those cannot be set.
    ['--ulimit', 'core=0:0', '--ulimit', `nofile=${openFiles}:${openFiles}`],
    ['--ulimit', `nproc=${processes}:${processes}`],
    ['--log-driver', 'none', '--stop-timeout', '0'],
    Object.entries(plan.env).flatMap(([name, value]) => ['--env', `${name}=${value}`]),
    ['--volume', `${plan.mount.host}:${plan.mount.inside}`, '--workdir', plan.cwd],
  ].flat();
}

/** What runs inside: the plan's command below the launcher. */
export function launchedInside(plan: RunPlan): readonly string[] {
  return launched(plan.argv, { limits: plan.limits, countProcesses: false, first: true, env: plan.env });
}
