/** Runs pure, heavy work on other threads. */
import { availableParallelism } from 'node:os';
import { parentPort, Worker } from 'node:worker_threads';
import { errorCodes, SamesourceError, type ErrorCode } from '../model/error.ts';

type Answer<Result> = { readonly result: Result } | { readonly code: string; readonly message: string };

/** The other side of `mapOnThreads`: called once by a worker's entry file. */
export function serve<Job, Result>(work: (job: Job) => Promise<Result>): void {
  parentPort?.on('message', (job: Job) => {
    work(job).then(
      (result) => parentPort?.postMessage({ result } satisfies Answer<Result>),
      (error: unknown) => parentPort?.postMessage(describe(error)),
    );
  });
}

function describe(error: unknown): Answer<never> {
  if (error instanceof SamesourceError) return { code: error.code, message: error.message };
  const errno = error instanceof Error && 'code' in error && error.code === 'ENOSPC' ? 'disk-full' : 'bug';
  return { code: errno, message: error instanceof Error ? (error.stack ?? error.message) : String(error) };
}

function revive(answer: { readonly code: string; readonly message: string }): SamesourceError {
  const code = answer.code in errorCodes ? (answer.code as ErrorCode) : 'bug';
  return new SamesourceError(code, answer.message);
}

/**
 * Maps `jobs` over worker threads. `entry` is a path below `dist/`, e.g. `toolchain/unpack-worker.js`:
 * sources may run unbuilt, threads always run what was built.
 */
export async function mapOnThreads<Job, Result>(
  entry: string,
  jobs: readonly Job[],
  onResult: (result: Result, job: Job) => void,
  threads = Math.min(availableParallelism(), 8),
): Promise<void> {
  const url = new URL(`../../dist/${entry}`, import.meta.url);
  const queue = [...jobs];
  await Promise.all(Array.from({ length: Math.min(threads, jobs.length) }, () => drain(url, queue, onResult)));
}

function drain<Job, Result>(url: URL, queue: Job[], onResult: (result: Result, job: Job) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(url);
    let current: Job | undefined;
    const next = (): void => {
      current = queue.shift();
      if (current !== undefined) return worker.postMessage(current);
      resolve();
      void worker.terminate();
    };
    worker.on('message', (answer: Answer<Result>) => {
      if ('code' in answer) {
        queue.length = 0;
        void worker.terminate();
        reject(revive(answer));
        return;
      }
      if (current !== undefined) onResult(answer.result, current);
      next();
    });
    worker.on('error', reject);
    // A thread that ends without a word, e.g. for want of memory, must not leave us waiting.
    worker.on('exit', (code) => reject(new Error(`a thread ended early, with code ${code}`)));
    next();
  });
}
