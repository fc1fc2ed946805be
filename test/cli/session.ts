/** Whole sessions in-process: words in; exit code, stdout and stderr out. */
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough, Writable } from 'node:stream';
import { onTestFinished } from 'vitest';
import { removeTree } from '../../src/platform/files.ts';
import { run } from '../../src/cli/run.ts';

export interface Ended {
  readonly exit: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Setting {
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  /** As if stdout and stderr were a terminal. */
  readonly isTTY?: boolean;
  /** Called with what interrupts the session. */
  readonly interruptible?: (interrupt: () => void) => void;
}

export async function temporary(): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), 'samesource-cli-'));
  onTestFinished(() => removeTree(dir));
  return dir;
}

/** Runs in an empty directory with a store of its own, unless the setting says otherwise. */
export async function session(argv: readonly string[], setting: Setting = {}): Promise<Ended> {
  const home = await temporary();
  const screens = { stdout: screen(setting.isTTY ?? false), stderr: screen(setting.isTTY ?? false) };
  const exit = await run(argv, {
    stdin: new PassThrough(),
    stdout: screens.stdout,
    stderr: screens.stderr,
    cwd: setting.cwd ?? home,
    env: { HOME: home, SAMESOURCE_STORE: join(home, 'store'), PATH: process.env['PATH'], ...setting.env },
    onInterrupt: (handle) => {
      setting.interruptible?.(handle);
      return () => {};
    },
  });
  return { exit, stdout: screens.stdout.text(), stderr: screens.stderr.text() };
}

class Screen extends Writable {
  readonly isTTY: boolean;
  readonly columns = 80;
  #pieces: string[] = [];

  constructor(isTTY: boolean) {
    super({ decodeStrings: false });
    this.isTTY = isTTY;
  }

  text(): string {
    return this.#pieces.join('');
  }

  override _write(chunk: string | Buffer, _encoding: BufferEncoding, done: () => void): void {
    this.#pieces.push(chunk.toString());
    done();
  }
}

function screen(isTTY: boolean): Screen {
  return new Screen(isTTY);
}
