/**
 * The shell words that start a build inside any engine: the same umask, limits and closed
 * descriptors everywhere, whatever the caller of samesource had.
 */
import type { Limits } from '../model/claim.ts';

export interface LauncherOptions {
  readonly limits: Limits;
  /**
   * Whether the number of processes is limited here. Only where the build has a user namespace of its
   * own: elsewhere every process of that uid on the machine counts.
   */
  readonly countProcesses: boolean;
  /** Whether the engine has no first process of its own inside, and this is it. */
  readonly first: boolean;
  /** The environment that the build is given. */
  readonly env: Readonly<Record<string, string>>;
}

/** Engines and shells set these by themselves. */
const unasked = ['PWD', 'OLDPWD', 'SHLVL', 'HOSTNAME', 'HOME', 'TERM', 'container', 'PATH'] as const;

/** Most open files, soft and hard; builds print it and allocate by it. */
export const openFiles = 4096;

/** Argument vector that sets the limits and then becomes `argv`. */
export function launched(
  argv: readonly string[],
  { limits, countProcesses, env, first }: LauncherOptions,
): readonly string[] {
  const steps = [
    'umask 022',
    'exec 3>&- 4>&- 5>&- 6>&- 7>&- 8>&- 9>&-',
    'ulimit -c 0',
    // A host whose hard limit is lower cannot be raised.
    `ulimit -n ${openFiles} 2>/dev/null || :`,
    // In kB and in blocks of 512 bytes: POSIX ulimit, dash(1), and bash where it is called sh.
    `ulimit -d ${Math.ceil(limits.memoryBytes / 1024)} 2>/dev/null || :`,
    `ulimit -f ${Math.ceil(limits.diskBytes / 512)} 2>/dev/null || :`,
    // bash and busybox say -u, dash says -p, which is something else in bash.
    ...(countProcesses
      ? [
          `if (ulimit -u ${limits.processes}) 2>/dev/null; then ulimit -u ${limits.processes}; else ulimit -p ${limits.processes}; fi`,
        ]
      : []),
    `unset ${unasked.filter((name) => !(name in env)).join(' ')}`,
    // As PID 1 it would be deaf to signals, and its orphans would stay zombies: the shell is PID 1 instead.
    ...(first ? ['"$@"', 'exit $?'] : ['exec "$@"']),
  ];
  return ['/bin/sh', '-c', steps.join('\n'), 'samesource', ...argv];
}
