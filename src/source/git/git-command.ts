/**
 * Runs the host's git as if it had just been installed: no configuration of this user or system, no
 * hooks, filters, helpers, prompts or submodules, and only the one protocol that the address needs.
 * Nothing is ever checked out by git.
 */
import { SamesourceError } from '../../model/error.ts';
import type { Command } from '../../platform/exec.ts';
import { exec, stream, type Finished } from '../../platform/exec.ts';
import { which } from '../../platform/files.ts';
import type { Context } from '../../store/context.ts';
import type { GitProtocol } from './remote.ts';

export interface Git {
  /** Runs git in a repository; `protocol` is the only way it may reach another one. */
  run(repository: string, args: readonly string[], protocol?: GitProtocol): Promise<Finished>;
  /** The same with stdout as a stream, and `input` on stdin. */
  stream(repository: string, args: readonly string[], input: string): ReturnType<typeof stream>;
}

/**
 * First versions with the fix of CVE-2024-32002 and CVE-2024-32465, per series. The former, and
 * CVE-2025-48384 after it, need a checkout of submodules by git, which never happens here; a git
 * without these fixes is refused all the same, as it will lack others.
 */
const fixed: Readonly<Record<number, number>> = { 39: 4, 40: 2, 41: 1, 42: 2, 43: 4, 44: 1, 45: 1 };

/** @throws SamesourceError `source-unavailable` if there is no git here, or too old a one */
export async function findGit(ctx: Context): Promise<Git> {
  const file = await which('git', ctx.env['PATH']);
  if (file === undefined) {
    throw new SamesourceError('source-unavailable', 'git is not installed', {
      hint: 'install git 2.39.4 or newer, or name the source as an archive',
    });
  }
  const command = (repository: string, args: readonly string[], protocol?: GitProtocol): Command => ({
    file,
    args: [...settings(protocol).flatMap((setting) => ['-c', setting]), ...args],
    env: environment(ctx.env, repository, protocol),
    cwd: repository,
    signal: ctx.signal,
  });
  const said = await exec({ ...command('/', ['--version']), timeoutMs: 30_000 });
  requireVersion(said.stdout.trim());
  return {
    run: async (repository, args, protocol) => {
      const end = await exec(command(repository, args, protocol));
      ctx.signal.throwIfAborted();
      return end;
    },
    stream: (repository, args, input) => stream({ ...command(repository, args), input }),
  };
}

/** Exported for its test. @throws SamesourceError `source-unavailable` */
export function requireVersion(said: string): void {
  const [, major = '0', minor = '0', patch = '0'] = /^git version (\d+)\.(\d+)(?:\.(\d+))?/.exec(said) ?? [];
  const newerMajor = Number(major) > 2;
  const needed = fixed[Number(minor)] ?? (Number(minor) > 45 ? 0 : Infinity);
  if (newerMajor || (Number(major) === 2 && Number(patch) >= needed)) return;
  throw new SamesourceError('source-unavailable', said === '' ? 'git does not run' : `${said} is too old`, {
    hint: 'install git 2.39.4 or newer (CVE-2024-32002, CVE-2024-32465)',
  });
}

function settings(protocol: GitProtocol | undefined): string[] {
  return [
    'core.hooksPath=/dev/null',
    'core.fsmonitor=false',
    'core.attributesFile=/dev/null',
    'core.symlinks=false',
    'core.protectHFS=true',
    'core.protectNTFS=true',
    'credential.helper=',
    'submodule.recurse=false',
    'fetch.recurseSubmodules=false',
    'fetch.fsckObjects=true',
    'transfer.fsckObjects=true',
    'transfer.bundleURI=false',
    'gc.auto=0',
    'maintenance.auto=false',
    'http.lowSpeedLimit=100',
    'http.lowSpeedTime=60',
    'protocol.version=2',
    'protocol.allow=never',
    ...(protocol === undefined ? [] : [`protocol.${protocol}.allow=always`]),
  ];
}

const proxies = ['http_proxy', 'https_proxy', 'HTTPS_PROXY', 'all_proxy', 'ALL_PROXY', 'no_proxy', 'NO_PROXY'];
const authorities = ['SSL_CERT_FILE', 'SSL_CERT_DIR', 'GIT_SSL_CAINFO', 'CURL_CA_BUNDLE'];

/** Without Batch mode ssh would ask; without the user's configuration it may still use agent and known_hosts. */
const ssh =
  'ssh -F /dev/null -oBatchMode=yes -oStrictHostKeyChecking=yes -oForwardAgent=no -oForwardX11=no -oPermitLocalCommand=no -oClearAllForwardings=yes';

function environment(
  host: Readonly<Record<string, string | undefined>>,
  repository: string,
  protocol: GitProtocol | undefined,
): Record<string, string> {
  const network = protocol === 'https' || protocol === 'http' ? [...proxies, ...authorities] : [];
  const kept = ['PATH', ...network, ...(protocol === 'ssh' ? ['SSH_AUTH_SOCK'] : [])];
  const copied = kept.flatMap((name) => (host[name] === undefined ? [] : [[name, host[name]] as const]));
  return {
    ...Object.fromEntries(copied),
    HOME: repository,
    LC_ALL: 'C',
    TZ: 'UTC',
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_CONFIG_GLOBAL: '/dev/null',
    GIT_CONFIG_SYSTEM: '/dev/null',
    GIT_ATTR_NOSYSTEM: '1',
    GIT_TERMINAL_PROMPT: '0',
    GIT_ASKPASS: 'true',
    SSH_ASKPASS: 'true',
    GIT_SSH_COMMAND: ssh,
    GIT_SSH_VARIANT: 'ssh',
    GIT_NO_REPLACE_OBJECTS: '1',
    GIT_OPTIONAL_LOCKS: '0',
    GIT_DIR: repository,
  };
}
