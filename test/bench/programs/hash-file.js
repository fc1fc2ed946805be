/** Prints the SHA-256 of a file, and on descriptor 3 the most memory that took, in bytes. */
import { writeSync } from 'node:fs';
import { hashFile } from '../../../dist/platform/digest.js';

const { sha256 } = await hashFile(process.argv[2]);
process.stdout.write(`${sha256}\n`);
writeSync(3, String(process.resourceUsage().maxRSS * 1024));
