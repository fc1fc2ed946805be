/** podman, as root or as an ordinary user: no daemon, and no image, since it runs a root in place. */
import { existsSync } from 'node:fs';
import type { Writable } from 'node:stream';
import { SamesourceError } from '../model/error.ts';
import type { EngineIdentity } from '../model/verdict.ts';
import { which } from '../platform/files.ts';
import type { Context } from '../store/context.ts';
import { client, type Client } from './client.ts';
import { lastLines, runContainer } from './container.ts';
import { launchedInside } from './oci-command.ts';
import { failure, trial } from './oci-probe.ts';
import { give } from './ownership.ts';
import { prepareRoot } from './root.ts';
import { inside, lacksMemoryLimit, type Engine, type EngineProbe, type RunEnd, type RunPlan } from './types.ts';

const hint =
  'as an ordinary user podman needs lines in /etc/subuid and /etc/subgid and the package uidmap; where crun fails, set podman.runtime to runc';

export const podman: Engine = {
  async probe(ctx): Promise<EngineProbe> {
    try {
      const facts = await examine(ctx);
      await trial(ctx, (plan, log) => start(facts, plan, plan.argv, log, ctx));
      return { kind: 'podman', works: identity(facts) };
    } catch (error) {
      ctx.signal.throwIfAborted();
      return { kind: 'podman', fails: failure(error, hint) };
    }
  },

  async run(plan, log, ctx) {
    await prepareRoot(plan, ctx);
    return start(await examine(ctx), plan, launchedInside(plan), log, ctx);
  },

  // Root can remove what another uid owns; without root the build's uid is mapped to ours.
  release: async () => {},
};

interface Podman {
  readonly client: Client;
  readonly version: string;
  readonly runtime: string;
  readonly rootless: boolean;
  readonly cgroupLimits: boolean;
}

const factsFormat =
  '{{.Version.Version}}|{{.Host.OCIRuntime.Name}}|{{.Host.Security.Rootless}}|{{.Host.CgroupsVersion}}|{{.Host.CgroupControllers}}';

async function examine(ctx: Context): Promise<Podman> {
  const file = await which('podman', ctx.env['PATH']);
  if (file === undefined) {
    throw new SamesourceError('engine-unavailable', 'podman is not installed', { hint: 'install podman' });
  }
  const { runtime } = ctx.settings.podman;
  const fixed = [
    ...(runtime === undefined ? [] : ['--runtime', runtime]),
    // Without systemd there is nobody to make the cgroups that podman would ask it for.
    ...(existsSync('/run/systemd/system') ? [] : ['--cgroup-manager', 'cgroupfs']),
    '--events-backend',
    'file',
  ];
  const asked = client(ctx, file, fixed, {});
  const said = await asked.ask(['info', '--format', factsFormat]);
  if (said.exitCode !== 0) {
    throw new SamesourceError('engine-unavailable', `podman info: ${lastLines(said.stderr)}`, { hint });
  }
  return { client: asked, ...parseFacts(said.stdout) };
}

/** Exported for its test. */
export function parseFacts(text: string): Omit<Podman, 'client'> {
  const [version = '', runtime = '', rootless, cgroups, controllers = ''] = text.trim().split('|');
  const isRootless = rootless === 'true';
  const delegated = cgroups === 'v2' && controllers.includes('memory') && controllers.includes('pids');
  return { version, runtime, rootless: isRootless, cgroupLimits: !isRootless || delegated };
}

function identity(facts: Podman): EngineIdentity {
  return {
    name: 'podman',
    version: facts.version,
    origin: `${facts.client.file}, ${facts.runtime}, ${facts.rootless ? 'rootless' : 'as root'}`,
    lacks: facts.cgroupLimits ? [] : [lacksMemoryLimit],
  };
}

async function start(
  facts: Podman,
  plan: RunPlan,
  argv: readonly string[],
  log: Writable,
  ctx: Context,
): Promise<RunEnd> {
  if (!facts.rootless) give(plan.mount.host, inside);
  const run = {
    client: facts.client,
    abilities: { cgroupLimits: facts.cgroupLimits, ownUser: facts.rootless },
    extra: podmanArguments(facts.rootless),
    // An overlay, because podman adds files of its own to a root that it runs.
    root: ['--rootfs', `${plan.tree}:O`],
    argv,
  };
  return runContainer(run, plan, log, ctx);
}

/** Exported for its test. */
export function podmanArguments(rootless: boolean): string[] {
  return [
    '--read-only-tmpfs=false',
    '--no-hosts',
    '--http-proxy=false',
    '--passwd=false',
    ...(rootless ? [`--userns=keep-id:uid=${inside.uid},gid=${inside.gid}`] : []),
  ];
}
