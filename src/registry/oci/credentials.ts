/** User names and passwords that the user has given to docker or podman. Read, never written. */
import { join } from 'node:path';
import { SamesourceError } from '../../model/error.ts';
import { exists, readText } from '../../platform/files.ts';

const sizeLimit = 1024 * 1024;

/**
 * `user:password` for a registry from `$DOCKER_CONFIG` or `~/.docker/config.json`, in base64.
 * @throws SamesourceError `settings-invalid` for a file that cannot be read
 */
export async function storedCredentials(
  registry: string,
  env: Readonly<Record<string, string | undefined>>,
): Promise<string | undefined> {
  const dir = env['DOCKER_CONFIG'] ?? (env['HOME'] === undefined ? undefined : join(env['HOME'], '.docker'));
  if (dir === undefined) return undefined;
  const path = join(dir, 'config.json');
  if (!(await exists(path))) return undefined;
  const auths = readAuths(await readText(path, sizeLimit), path);
  for (const name of namesOf(registry)) {
    const auth = Object.hasOwn(auths, name) ? auths[name]?.auth : undefined;
    if (typeof auth === 'string' && /^[A-Za-z0-9+/]+={0,2}$/.test(auth)) return auth;
  }
  return undefined;
}

function readAuths(text: string, path: string): Readonly<Record<string, { readonly auth?: unknown } | null>> {
  try {
    const config = JSON.parse(text) as { readonly auths?: Record<string, { readonly auth?: unknown } | null> } | null;
    return config?.auths ?? {};
  } catch (error) {
    throw new SamesourceError('settings-invalid', `${path}: no JSON document`, { cause: error });
  }
}

function namesOf(registry: string): readonly string[] {
  const names = [registry, `https://${registry}`, `https://${registry}/v1/`, `https://${registry}/v2/`];
  return registry === 'registry-1.docker.io' ? ['https://index.docker.io/v1/', 'docker.io', ...names] : names;
}
