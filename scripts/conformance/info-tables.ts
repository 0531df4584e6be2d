/**
 * What counts of `--info defaults` and `--info defaults-tree`: the rows whose config is not Hydra's own, and the lines
 * that are not about hydra groups with their indentation relative to the first.
 */
export function sameInfo(stdout: string, argv: readonly string[]): unknown {
  return argv.includes("defaults-tree") ? treeLines(stdout) : tableRows(stdout);
}

function tableRows(stdout: string): string[][] {
  return stdout
    .split("\n")
    .filter((line) => line.startsWith("|"))
    .map((line) =>
      line
        .split("|")
        .slice(1, -1)
        .map((cell) => cell.trim()),
    )
    .filter(([path = ""]) => path !== "Config path" && !path.startsWith("hydra/"));
}

function treeLines(stdout: string): [number, string][] {
  const lines = stdout
    .split("\n")
    .filter((line) => /^\s*\S/.test(line) && !/^(?:Defaults Tree|\*+)$/.test(line));
  const kept: [number, string][] = [];
  let hidden: number | undefined;
  for (const line of lines) {
    const indent = line.length - line.trimStart().length;
    if (hidden !== undefined && indent > hidden) continue;
    hidden = /^\s*hydra\//.test(line) ? indent : undefined;
    if (hidden === undefined) kept.push([indent, line.trim()]);
  }
  const steps = [...new Set(kept.map(([indent]) => indent))].sort((a, b) => a - b);
  return kept.map(([indent, text]) => [steps.indexOf(indent), text]);
}
