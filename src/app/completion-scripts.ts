import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { CompletionApp } from "./completion.ts";

export const shells = ["bash", "zsh", "fish"] as const;

export type Shell = (typeof shells)[number];

/** The program that answers on Tab, where this room is built; run from its sources, the app answers itself. */
const ANSWERER = fileURLToPath(new URL("./complete-main.js", import.meta.url));

/**
 * A script that makes the shell ask for candidates on Tab; to be evaluated. What it asks is a small program of ours with
 * the app's name and config folder: the app's own code is not started.
 */
export function installScript(app: CompletionApp, shell: Shell): string {
  const { name } = app;
  const call = functionName(name);
  const query = queryCommand(app, shell);
  const scripts: Record<Shell, string> = {
    bash: `${call}() {
  local IFS=$' \\n'
  COMPREPLY=( $( COMP_LINE="\${COMP_LINE:0:$COMP_POINT}" ${query} 2> /dev/null ) )
}
COMP_WORDBREAKS=\${COMP_WORDBREAKS//=}
complete -o nospace -o default -F ${call} ${name}
`,
    zsh: `${call}() {
  local -a candidates
  candidates=( $\{=$( COMP_LINE="$LBUFFER" ${query} 2> /dev/null )} )
  compadd -S '' -a candidates
}
compdef ${call} ${name}
`,
    fish: `function ${call}
  env COMP_LINE=(commandline -cp) ${query} 2> /dev/null
end
complete -c ${name} -f -a '(${call})'
`,
  };
  return scripts[shell];
}

function queryCommand(app: CompletionApp, shell: Shell): string {
  if (!existsSync(ANSWERER)) return `${app.name} --shell-completion query=${shell}`;
  return [process.execPath, ANSWERER, JSON.stringify(app), shell]
    .map((word) => quoted(word, shell))
    .join(" ");
}

/** A word that the shell takes as it is. */
function quoted(word: string, shell: Shell): string {
  if (/^[\w./@:+-]+$/.test(word)) return word;
  if (shell === "fish") return `'${word.replaceAll(/[\\']/g, (character) => `\\${character}`)}'`;
  return `'${word.replaceAll("'", "'\\''")}'`;
}

export function uninstallScript(name: string, shell: Shell): string {
  const call = functionName(name);
  const scripts: Record<Shell, string> = {
    bash: `complete -r ${name}\nunset -f ${call}\n`,
    zsh: `compdef -d ${name}\nunfunction ${call}\n`,
    fish: `complete -e -c ${name}\nfunctions -e ${call}\n`,
  };
  return scripts[shell];
}

function functionName(name: string): string {
  return `_${name.replace(/\W/g, "_")}_completion`;
}
