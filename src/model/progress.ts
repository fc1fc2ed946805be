/** How a stage says what it is doing. Nothing else in the stages prints. */
export interface Progress {
  /** A step of the story begins; the previous one, if still open, is done. */
  step(text: string): void;
  /** More about the step under way: a count, a size. Cheap, may be dropped. */
  update(text: string): void;
  /** Something the reader should keep: stays on the screen. */
  note(text: string): void;
}

export const silent: Progress = { step: () => {}, update: () => {}, note: () => {} };
