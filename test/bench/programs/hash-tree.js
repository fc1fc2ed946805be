/** Prints the git tree id and the Go directory hash of a tree, and on descriptor 3 its peak memory in bytes. */
import { writeSync } from 'node:fs';
import { treeDigests } from '../../../dist/store/tree-hash.js';

const { gitTree, dirHash, files } = await treeDigests(process.argv[2]);
process.stdout.write(`${gitTree} ${dirHash} ${files.length}\n`);
writeSync(3, String(process.resourceUsage().maxRSS * 1024));
