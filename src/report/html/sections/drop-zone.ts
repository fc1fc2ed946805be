import type { KnownFile } from '../answer.ts';
import { markup, type Markup } from '../markup.ts';

/** Where the reader drops the file that they hold. Without its script the page says how to do it by hand. */
export function dropZone(known: readonly KnownFile[]): readonly Markup[] {
  if (known.length === 0) return [];
  return [
    markup`<section aria-labelledby="yours">
      <h2 id="yours">Is the file you hold the one this is about?</h2>
      <div class="gap">
        <div class="drop" id="drop" hidden>
          <p>
            <label for="pick"><strong>Drop the file here, or choose it.</strong></label>
          </p>
          <p class="small soft">Your browser computes its digest here. The file does not leave your machine.</p>
          <input type="file" id="pick" />
          <div>
            <progress id="progress" max="1" value="0" aria-label="How much of the file was read" hidden></progress>
          </div>
          <div class="answer" id="answer" role="status" aria-live="polite">
            <p id="answer-text"></p>
            <code class="hash" id="answer-hash"></code>
          </div>
        </div>
        <p class="small soft">
          By hand, in a terminal, then compare with the digest above: <code>sha256sum FILE</code> (Linux),
          <code>shasum -a 256 FILE</code> (macOS), <code>certutil -hashfile FILE SHA256</code> (Windows).
        </p>
      </div>
    </section>`,
  ];
}
