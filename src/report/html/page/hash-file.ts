import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex } from '@noble/hashes/utils.js';

/**
 * SHA-256 of a file in hex, chunk by chunk: memory stays flat for any size.
 * @param go told the bytes done after each chunk; hashing ends without a result once it says no
 */
export async function hashFile(file: Blob, go: (done: number) => boolean): Promise<string | undefined> {
  const hash = sha256.create();
  const reader = file.stream().getReader();
  let done = 0;
  let breath = performance.now();
  for (;;) {
    const chunk = await reader.read();
    if (chunk.done) return bytesToHex(hash.digest());
    hash.update(chunk.value);
    done += chunk.value.length;
    if (!go(done)) {
      await reader.cancel();
      return undefined;
    }
    // Chunks that are in memory come without a pause in which the page could be drawn.
    if (performance.now() - breath < 50) continue;
    await new Promise((resolve) => setTimeout(resolve));
    breath = performance.now();
  }
}
