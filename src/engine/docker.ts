/** docker: runs images only, so a root is imported once, under its digest. */
import { Readable } from 'node:stream';
import type { Writable } from 'node:stream';
import { SamesourceError } from '../model/error.ts';
import type { EngineIdentity } from '../model/verdict.ts';
import { which } from '../platform/files.ts';
import type { Context } from '../store/context.ts';
import { treeTar } from '../store/tree-tar.ts';
import { client, type Client } from './client.ts';
import { lastLines, runContainer } from './container.ts';
import { launchedInside } from './oci-command.ts';
import { failure, trial } from './oci-probe.ts';
import { give, openToAll } from './ownership.ts';
import { prepareRoot } from './root.ts';
import { inside, lacksMemoryLimit, type Engine, type EngineProbe, type RunEnd, type RunPlan } from './types.ts';

const hint = 'start the docker daemon and join the group docker, or choose another engine: --engine bubblewrap';

export const docker: Engine = {
  async probe(ctx): Promise<EngineProbe> {
    try {
      const facts = await examine(ctx);
      await trial(ctx, (plan, log) => start(facts, plan, plan.argv, log, ctx));
      return { kind: 'docker', works: identity(facts) };
    } catch (error) {
      ctx.signal.throwIfAborted();
      return { kind: 'docker', fails: failure(error, hint) };
    }
  },

  async run(plan, log, ctx) {
    await prepareRoot(plan, ctx);
    return start(await examine(ctx), plan, launchedInside(plan), log, ctx);
  },

  async release(plan, ctx) {
    if (process.getuid?.() === 0) return;
    const facts = await examine(ctx);
    const said = await facts.client.ask(['run', '--rm', ...releaseArguments(plan, ownerInside(facts))]);
    if (said.exitCode === 0) return;
    throw new SamesourceError('engine-unavailable', `giving back the files of the build: ${lastLines(said.stderr)}`, {
      hint: `remove them as root: ${plan.mount.host}`,
    });
  },
};

interface Docker {
  readonly client: Client;
  readonly version: string;
  readonly rootless: boolean;
  readonly cgroupLimits: boolean;
}

const factsFormat = '{{.ServerVersion}}|{{.MemoryLimit}}|{{.PidsLimit}}|{{json .SecurityOptions}}';

async function examine(ctx: Context): Promise<Docker> {
  const file = await which('docker', ctx.env['PATH']);
  if (file === undefined) {
    throw new SamesourceError('engine-unavailable', 'docker is not installed', { hint: 'install docker' });
  }
  const { host } = ctx.settings.docker;
  const asked = client(ctx, file, [], host === undefined ? {} : { DOCKER_HOST: host });
  const said = await asked.ask(['info', '--format', factsFormat]);
  if (said.exitCode !== 0) {
    throw new SamesourceError('engine-unavailable', `docker info: ${lastLines(said.stderr)}`, { hint });
  }
  return { client: asked, ...parseFacts(said.stdout) };
}

/** Exported for its test. */
export function parseFacts(text: string): Omit<Docker, 'client'> {
  const [version = '', memory, pids, options = ''] = text.trim().split('|');
  return {
    version,
    rootless: options.includes('name=rootless'),
    cgroupLimits: memory === 'true' && pids === 'true',
  };
}

function identity(facts: Docker): EngineIdentity {
  return {
    name: 'docker',
    version: facts.version,
    origin: `${facts.client.file}${facts.rootless ? ', rootless' : ''}`,
    lacks: facts.cgroupLimits ? [] : [lacksMemoryLimit],
  };
}

async function start(
  facts: Docker,
  plan: RunPlan,
  argv: readonly string[],
  log: Writable,
  ctx: Context,
): Promise<RunEnd> {
  const image = await importRoot(facts.client, plan, ctx);
  if (process.getuid?.() === 0) give(plan.mount.host, inside);
  else openToAll(plan.mount.host);
  const abilities = { cgroupLimits: facts.cgroupLimits, ownUser: facts.rootless };
  return runContainer({ client: facts.client, abilities, extra: [], root: [image], argv }, plan, log, ctx);
}

/** Exported for its test. */
export function imageName(digest: string): string {
  return `samesource/root:${digest.replace(/^sha256:/, '')}`;
}

async function importRoot(client: Client, plan: RunPlan, ctx: Context): Promise<string> {
  const image = imageName(plan.digest);
  if ((await client.ask(['image', 'inspect', image])).exitCode === 0) return image;
  ctx.progress.update('importing the toolchain into docker');
  const args = ['import', '--platform', plan.platform, '-', image];
  const said = await client.ask(args, { input: Readable.from(treeTar(plan.tree)), timeoutMs: 30 * 60_000 });
  if (said.exitCode === 0) return image;
  throw new SamesourceError('engine-unavailable', `docker import: ${lastLines(said.stderr)}`, { hint });
}

/** Whom the files belong to afterwards, as ids inside. In rootless docker we are root inside. */
function ownerInside(facts: Docker): string {
  if (facts.rootless) return '0:0';
  return `${process.getuid?.() ?? 0}:${process.getgid?.() ?? 0}`;
}

/** Root inside, with the two capabilities that a change of owner needs and nothing but the mount. */
function releaseArguments(plan: RunPlan, owner: string): string[] {
  return [
    ['--network', 'none', '--read-only', '--user', '0:0', '--cap-drop', 'ALL'],
    ['--cap-add', 'CHOWN', '--cap-add', 'DAC_OVERRIDE', '--security-opt', 'no-new-privileges'],
    ['--volume', `${plan.mount.host}:${plan.mount.inside}`, '--log-driver', 'none'],
    [imageName(plan.digest), '/bin/chown', '-hR', owner, plan.mount.inside],
  ].flat();
}
