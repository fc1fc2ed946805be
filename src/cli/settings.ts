/**
 * The user's settings. What counts, first to last: the flag, the environment, the configuration
 * file, the machine's apt configuration, the public default.
 */
import { homedir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { z } from 'zod';
import { readShape } from '../format/shape.ts';
import { messageOf, SamesourceError } from '../model/error.ts';
import { exists, isErrno, readText } from '../platform/files.ts';
import type { Settings } from '../store/context.ts';
import { aptMirrors, type Mirrors } from './apt-sources.ts';
import type { GlobalFlags } from './session.ts';

const publicMirrors = {
  debian: 'http://ftp.debian.org/debian',
  'debian-security': 'http://security.debian.org/debian-security',
} as const;
const publicSnapshot = 'https://snapshot.debian.org';

/** Where Debian's package `debian-keyring` puts the keys of its source signers. */
const debianKeyrings = ['debian-keyring', 'debian-nonupload', 'debian-maintainers'].flatMap((name) =>
  ['gpg', 'pgp'].map((suffix) => `/usr/share/keyrings/${name}.${suffix}`),
);

const engines = ['auto', 'bubblewrap', 'podman', 'docker'] as const;
const address = z.string().refine(isWebAddress, { error: 'expected an http or https URL' });

const configSchema = z.strictObject({
  mirrors: z
    .strictObject({ debian: address.exactOptional(), 'debian-security': address.exactOptional() })
    .exactOptional(),
  snapshot: address.exactOptional(),
  store: z.string().min(1).exactOptional(),
  engine: z.enum(engines, { error: `expected ${engines.join(', ')}` }).exactOptional(),
  keyrings: z.array(z.string().min(1)).exactOptional(),
  podman: z.strictObject({ runtime: z.string().min(1).exactOptional() }).exactOptional(),
  docker: z.strictObject({ host: z.string().min(1).exactOptional() }).exactOptional(),
  insecureRegistries: z.array(z.string().min(1)).exactOptional(),
});

type Config = z.output<typeof configSchema>;

export interface Chosen {
  readonly settings: Settings;
  /** Directory of the store. */
  readonly store: string;
  /** The configuration file that was read, if there is one. */
  readonly config: string | undefined;
}

export interface Surroundings {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  /** Stands for `/etc/apt`. */
  readonly apt?: string;
  readonly root?: boolean;
}

/** @throws SamesourceError `settings-invalid` with file, line and column, or `usage` for a flag */
export async function chooseSettings(flags: GlobalFlags, around: Surroundings): Promise<Chosen> {
  const { env, cwd } = around;
  const wanted = flags.config ?? env['SAMESOURCE_CONFIG'];
  const path = resolve(cwd, wanted ?? join(configHome(env), 'samesource/config.yaml'));
  const config = await readConfig(path, wanted !== undefined);
  const machine = await aptMirrors(around.apt ?? '/etc/apt');
  const docker = config?.docker?.host ?? env['DOCKER_HOST'];
  return {
    settings: {
      mirrors: {
        ...publicMirrors,
        ...machine,
        ...config?.mirrors,
        ...envMirrors(env),
        ...flagMirrors(flags.mirror ?? []),
      },
      snapshot: webAddress(
        '--snapshot',
        flags.snapshot ?? env['SAMESOURCE_SNAPSHOT'] ?? config?.snapshot ?? publicSnapshot,
      ),
      keyrings: config?.keyrings ?? (await present(debianKeyrings)),
      engine: flags.engine ?? envEngine(env['SAMESOURCE_ENGINE']) ?? config?.engine ?? 'auto',
      podman: config?.podman ?? {},
      docker: docker === undefined ? {} : { host: docker },
      insecureRegistries: config?.insecureRegistries ?? [],
    },
    store: resolve(cwd, flags.store ?? env['SAMESOURCE_STORE'] ?? config?.store ?? defaultStore(env, around)),
    config: config === undefined ? undefined : path,
  };
}

async function readConfig(path: string, required: boolean): Promise<Config | undefined> {
  try {
    const text = await readText(path, 1024 * 1024);
    if (text.trim() === '') return {};
    const config = readShape(text, { schema: configSchema, file: path, code: 'settings-invalid' }).value;
    return withPathsOf(dirname(path), config);
  } catch (error) {
    if (error instanceof SamesourceError && error.code === 'settings-invalid') throw error;
    if (!required && isErrno(error, 'ENOENT', 'ENOTDIR', 'EACCES')) return undefined;
    const detail = messageOf(error);
    throw new SamesourceError('settings-invalid', `reading ${path}: ${detail}`, { cause: error });
  }
}

/** Relative paths in the file are read from where it lies. */
function withPathsOf(dir: string, config: Config): Config {
  return {
    ...config,
    ...(config.store === undefined ? {} : { store: resolve(dir, config.store) }),
    ...(config.keyrings === undefined ? {} : { keyrings: config.keyrings.map((path) => resolve(dir, path)) }),
  };
}

function configHome(env: Surroundings['env']): string {
  return absolute(env['XDG_CONFIG_HOME']) ?? join(home(env), '.config');
}

/** Builds run as an unprivileged user, who cannot enter root's home. */
function defaultStore(env: Surroundings['env'], around: Surroundings): string {
  const isRoot = around.root ?? process.getuid?.() === 0;
  if (isRoot) return '/var/cache/samesource';
  return join(absolute(env['XDG_CACHE_HOME']) ?? join(home(env), '.cache'), 'samesource');
}

function home(env: Surroundings['env']): string {
  return absolute(env['HOME']) ?? homedir();
}

/** XDG Base Directory Specification: a relative path is to be ignored. */
function absolute(path: string | undefined): string | undefined {
  return path?.startsWith('/') === true ? path : undefined;
}

function envMirrors(env: Surroundings['env']): Mirrors {
  const debian = env['SAMESOURCE_MIRROR_DEBIAN'];
  const security = env['SAMESOURCE_MIRROR_DEBIAN_SECURITY'];
  return {
    ...(debian === undefined ? {} : { debian: webAddress('SAMESOURCE_MIRROR_DEBIAN', debian) }),
    ...(security === undefined ? {} : { 'debian-security': webAddress('SAMESOURCE_MIRROR_DEBIAN_SECURITY', security) }),
  };
}

function flagMirrors(given: readonly string[]): Mirrors {
  return Object.fromEntries(
    given.map((pair) => {
      const [, name, url] = /^(debian|debian-security)=(.*)$/.exec(pair) ?? [];
      if (name === undefined || url === undefined) {
        throw new SamesourceError('usage', `--mirror "${pair}": expected debian=URL or debian-security=URL`);
      }
      return [name, webAddress(`--mirror ${name}`, url)];
    }),
  );
}

function webAddress(of: string, text: string): string {
  if (isWebAddress(text)) return text.replace(/\/+$/, '');
  throw new SamesourceError('usage', `${of}: expected an http or https URL, got "${text}"`);
}

function isWebAddress(text: string): boolean {
  return /^https?:\/\//.test(text) && URL.canParse(text);
}

function envEngine(text: string | undefined): Settings['engine'] | undefined {
  if (text === undefined || text === '') return undefined;
  const engine = engines.find((name) => name === text);
  if (engine !== undefined) return engine;
  throw new SamesourceError('usage', `SAMESOURCE_ENGINE: expected ${engines.join(', ')}, got "${text}"`);
}

async function present(paths: readonly string[]): Promise<string[]> {
  const there = await Promise.all(paths.map((path) => exists(path)));
  return paths.filter((_, index) => there[index]);
}
