/** The thread behind `hashFiles`. */
import { hashBatch, type HashBatch } from './hash-files.ts';
import { serve } from './worker.ts';

serve(async (batch: HashBatch) => hashBatch(batch));
