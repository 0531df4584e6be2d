/** Knows the lines of a text. */
export interface LinePlaces {
  /** Line and column of an offset, both from 1. */
  linePos(offset: number): { line: number; col: number };
}
