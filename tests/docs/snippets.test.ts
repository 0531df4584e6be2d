import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type DocBlock, docBlocks, root } from "./doc-blocks.ts";
import { ScratchProject } from "./scratch-project.ts";

// A block ```ts is type-checked, ```ts run is run as well; the ```text block behind it is what it prints. A block with
// file=NAME is written there first. In the README every block is a program; in docs/architecture.md all of them are one.
const readme = docBlocks("README.md");
const architecture = docBlocks("docs/architecture.md");
const project = new ScratchProject();

interface Program {
  readonly file: string;
  readonly text: string;
  readonly runs: boolean;
  readonly output: string | undefined;
}

function readmePrograms(): Program[] {
  return readme.flatMap((block, index) => {
    if (block.language !== "ts") return [];
    const next = readme[index + 1];
    return {
      file: `readme-${block.line}.ts`,
      text: atItsLine([block]),
      runs: block.info === "run",
      output: next?.language === "text" ? next.text : undefined,
    };
  });
}

function architectureProgram(): Program {
  const output = architecture.filter(({ language }) => language === "text").map(({ text }) => text);
  const text = atItsLine(architecture.filter(({ language }) => language === "ts"));
  return {
    file: "architecture.ts",
    text: text.replaceAll('from "../src/', `from "${root}src/`),
    runs: true,
    output: output.join(""),
  };
}

/** Blank lines in front, so that the compiler names lines of the page. */
function atItsLine(blocks: readonly DocBlock[]): string {
  return blocks.reduce(
    (text, block) => text.padEnd(text.length + block.line - text.split("\n").length, "\n") + block.text,
    "",
  );
}

const programs = [...readmePrograms(), architectureProgram()];

beforeAll(() => {
  for (const { info, text } of readme) {
    const file = /\bfile=(\S+)/.exec(info)?.[1];
    if (file) project.write(file, text);
  }
  for (const { file, text } of programs) project.write(file, text);
});

afterAll(() => project.remove());

describe("the snippets of the pages", () => {
  it("are there", () => {
    expect(programs.filter(({ runs }) => runs).length).toBeGreaterThan(4);
  });

  it("type-check", async () => {
    expect(await project.typeErrors()).toEqual([]);
  });

  it.each(programs.filter(({ runs }) => runs))(
    "$file runs and prints what the page says",
    async ({ file, output }) => {
      const { code, stdout, stderr } = await project.run(file);
      expect(stderr).toBe("");
      if (output !== undefined) expect(stdout).toBe(output);
      expect(code).toBe(0);
    },
  );
});
