/** What is to run, as plain data. */
import { posix } from 'node:path';
import type { BuildClaim } from '../model/claim.ts';
import { SamesourceError } from '../model/error.ts';
import type { RunPlan } from '../engine/types.ts';
import type { Root } from '../toolchain/types.ts';

export interface BuildPlans {
  /** Completes the source tree, if its kind needs that. */
  readonly setup: RunPlan | undefined;
  readonly run: RunPlan;
  /** The environment of the recipe, as the verdict records it. */
  readonly env: Readonly<Record<string, string>>;
}

const base = {
  PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
  HOME: '/nonexistent',
  USER: 'build',
  LOGNAME: 'build',
  LC_ALL: 'C.UTF-8',
  TZ: 'UTC',
} as const;

/** Parent of `build.dir`: the one writable directory, in which the source tree lies. */
export function mountPoint(dir: string): { readonly inside: string; readonly name: string } {
  return { inside: posix.dirname(dir), name: posix.basename(dir) };
}

/**
 * @param host directory that is mounted as the parent of `build.dir`
 * @param epoch time of the source in seconds, for `SOURCE_DATE_EPOCH: auto`
 */
export function planBuild(
  build: BuildClaim,
  root: Root,
  host: string,
  setup: ((name: string) => string) | undefined,
  epoch: number | undefined,
): BuildPlans {
  const { inside, name } = mountPoint(build.dir);
  const env = environment(build.env, root.env, epoch);
  const common = {
    tree: root.tree,
    digest: root.identity.digest,
    platform: root.identity.platform,
    mount: { host, inside },
    limits: build.limits,
  };
  return {
    env,
    setup: setup && { ...common, cwd: inside, argv: shell(setup(name)), env: { ...base } },
    run: { ...common, cwd: build.dir, argv: shell(build.run), env },
  };
}

function environment(
  claimed: Readonly<Record<string, string>>,
  image: Readonly<Record<string, string>>,
  epoch: number | undefined,
): Record<string, string> {
  const env: Record<string, string> = { ...base, ...image, ...claimed };
  if (env['SOURCE_DATE_EPOCH'] === 'auto') {
    if (epoch === undefined) {
      throw new SamesourceError(
        'claim-invalid',
        'SOURCE_DATE_EPOCH: auto: this kind of source has no time of its own',
        {
          hint: 'leave it out for Debian sources, whose tools take it from the changelog, or give seconds',
        },
      );
    }
    env['SOURCE_DATE_EPOCH'] = String(epoch);
  }
  return env;
}

function shell(script: string): string[] {
  return ['/bin/sh', '-e', '-c', script];
}
