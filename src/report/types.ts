/**
 * A reporter turns a document into text: one file or folder per format, chosen by name, collected in
 * the table of `index.ts`. It is a pure function of the document: it decides nothing, asks nothing,
 * and lets nothing from outside reach the reader unescaped.
 */
import type { Comparison } from '../model/comparison.ts';
import type { Verdict } from '../model/verdict.ts';

/** What a verification or a comparison ended in; the one has the key `verdict`, the other `comparison`. */
export type Document = Verdict | Comparison;

export interface ReportOptions {
  readonly color: boolean;
  /** Width of the reader's screen; lines never pass it or 80, whichever is less. */
  readonly columns: number;
}

export type Reporter = (document: Document, options: ReportOptions) => string;
export type ReportFormat = 'terminal' | 'json' | 'markdown' | 'html' | 'diffoscope-json';
