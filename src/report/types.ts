/**
 * A reporter turns a verdict into text: one file or folder per format, chosen by name, collected in
 * the table of `index.ts`. It is a pure function of the verdict: it decides nothing, asks nothing,
 * and lets nothing from outside reach the reader unescaped.
 */
import type { Verdict } from '../model/verdict.ts';

export interface ReportOptions {
  readonly color: boolean;
  /** Width of the reader's screen; lines never pass it or 80, whichever is less. */
  readonly columns: number;
}

export type Reporter = (verdict: Verdict, options: ReportOptions) => string;
export type ReportFormat = 'terminal' | 'json';
