/** Runs pure, heavy work on other threads. */
import { availableParallelism } from 'node:os';
import { parentPort, Worker } from 'node:worker_threads';
import { type ErrorCode, errorCodes, noRoomLeft, SamesourceError } from '../model/error.ts';

interface Failed {
  readonly code: string;
  readonly message: string;
  readonly hint?: string | undefined;
}

type Answer<Result> = { readonly result: Result } | Failed;

/** The other side of `mapOnThreads`: called once by a worker's entry file. */
export function serve<Job, Result>(work: (job: Job) => Promise<Result>): void {
  parentPort?.on('message', (job: Job) => {
    work(job).then(
      (result) => parentPort?.postMessage({ result } satisfies Answer<Result>),
      (error: unknown) => parentPort?.postMessage(describe(error)),
    );
  });
}

function describe(error: unknown): Failed {
  const known = error instanceof SamesourceError ? error : noRoomLeft(error, 'writing');
  if (known !== undefined) return { code: known.code, message: known.message, hint: known.hint };
  return { code: 'bug', message: error instanceof Error ? (error.stack ?? error.message) : String(error) };
}

function revive({ code, message, hint }: Failed): SamesourceError {
  const known = code in errorCodes ? (code as ErrorCode) : 'bug';
  return new SamesourceError(known, message, hint === undefined ? {} : { hint });
}

/**
 * Maps `jobs` over worker threads. `entry` is a path below `dist/`, e.g. `toolchain/unpack-worker.js`:
 * sources may run unbuilt, threads always run what was built. After an error no new job begins; the
 * error is thrown when every thread has come to rest, so that the caller may clear away their files.
 */
export async function mapOnThreads<Job, Result>(
  entry: string,
  jobs: readonly Job[],
  onResult: (result: Result, job: Job) => void | Promise<void>,
  threads = Math.min(availableParallelism(), 8),
): Promise<void> {
  const url = new URL(`../../dist/${entry}`, import.meta.url);
  const queue = [...jobs];
  const work = async (): Promise<void> => {
    const worker = new Worker(url);
    try {
      for (let job = queue.shift(); job !== undefined; job = queue.shift()) {
        await onResult(await answerOf<Job, Result>(worker, job), job);
      }
    } catch (error) {
      queue.length = 0;
      throw error;
    } finally {
      await worker.terminate();
    }
  };
  const ends = await Promise.allSettled(Array.from({ length: Math.min(threads, jobs.length) }, work));
  for (const end of ends) if (end.status === 'rejected') throw end.reason;
}

function answerOf<Job, Result>(worker: Worker, job: Job): Promise<Result> {
  return new Promise((resolve, reject) => {
    // A thread that ends without a word, e.g. for want of memory, must not leave us waiting.
    const ended = (code: number): void => reject(new Error(`a thread ended early, with code ${code}`));
    worker.removeAllListeners();
    worker.once('error', reject).once('exit', ended);
    worker.once('message', (answer: Answer<Result>) => {
      worker.removeAllListeners();
      if ('code' in answer) reject(revive(answer));
      else resolve(answer.result);
    });
    worker.postMessage(job);
  });
}
