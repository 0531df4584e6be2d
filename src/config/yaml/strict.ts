/** A fault that YAML 1.1 readers see where this package's parser is lenient: `pos` are offsets into the text. */
export interface StrictFault {
  readonly message: string;
  readonly pos: [number, number];
}

/** The first fault of that kind, or undefined. */
export function strictFault(_text: string): StrictFault | undefined {
  return undefined;
}
