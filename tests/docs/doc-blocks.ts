import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

export const root = fileURLToPath(new URL("../..", import.meta.url));

/** A fenced block of a Markdown page. */
export interface DocBlock {
  /** The page, from the repository's root. */
  readonly page: string;
  /** The line of the page that the block's text begins on, from 1. */
  readonly line: number;
  /** The first word behind the fence: `ts`, `sh`, `yaml`, `text`. */
  readonly language: string;
  /** What follows it: `run`, `file=conf/config.yaml`. */
  readonly info: string;
  readonly text: string;
}

/** All fenced blocks of a page, in order. */
export function docBlocks(page: string): DocBlock[] {
  const blocks: DocBlock[] = [];
  let open: { fence: string; language: string; info: string; line: number; lines: string[] } | undefined;
  readFileSync(join(root, page), "utf8")
    .split("\n")
    .forEach((line, index) => {
      const fence = /^(`{3,})\s*(\S*)\s*(.*)$/.exec(line);
      if (open && line === open.fence) {
        const { language, info, lines } = open;
        blocks.push({ page, line: open.line, language, info, text: `${lines.join("\n")}\n` });
        open = undefined;
      } else if (open) open.lines.push(line);
      else if (fence)
        open = {
          fence: fence[1] as string,
          language: fence[2] as string,
          info: (fence[3] as string).trim(),
          line: index + 2,
          lines: [],
        };
    });
  if (open) throw new Error(`${page}:${open.line}: the block has no end`);
  return blocks;
}

/** A word of a shell line as the shell hands it over; quotes may stand anywhere in it. */
export function shellWords(line: string): string[] {
  const words = line.match(/(?:'[^']*'|"[^"]*"|[^\s'"])+/g) ?? [];
  const comment = words.findIndex((word) => word.startsWith("#"));
  return (comment < 0 ? words : words.slice(0, comment)).map((word) =>
    word.replaceAll(/'([^']*)'|"([^"]*)"/g, "$1$2"),
  );
}
