/** A docker daemon of a test's own. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

export interface DockerDaemon extends AsyncDisposable {
  /** For `docker --host`. */
  readonly host: string;
}

export async function startDockerDaemon(dir: string): Promise<DockerDaemon> {
  mkdirSync(dir);
  const socket = join(dir, 'docker.sock');
  const network = ['--iptables=false', '--ip-forward=false', '--bridge=none', '-H', `unix://${socket}`];
  const places = ['data-root', 'exec-root', 'pidfile'].map((name) => `--${name}=${join(dir, name)}`);
  const child = spawn('dockerd', [...network, ...places, '--storage-driver', 'vfs'], { stdio: 'ignore' });
  for (let tries = 0; !existsSync(socket) && tries < 300 && child.exitCode === null; tries++) await sleep(100);
  if (!existsSync(socket)) throw new Error('dockerd did not start');
  return {
    host: `unix://${socket}`,
    async [Symbol.asyncDispose]() {
      child.kill('SIGTERM');
      await once(child, 'exit');
    },
  };
}
