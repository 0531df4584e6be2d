export const shells = ["bash", "zsh", "fish"] as const;

export type Shell = (typeof shells)[number];

/** A script that makes the shell ask `NAME --shell-completion query=…` on Tab; to be evaluated. */
export function installScript(name: string, shell: Shell): string {
  const call = functionName(name);
  const scripts: Record<Shell, string> = {
    bash: `${call}() {
  local IFS=$' \\n'
  COMPREPLY=( $( COMP_LINE="\${COMP_LINE:0:$COMP_POINT}" ${name} --shell-completion query=bash 2> /dev/null ) )
}
COMP_WORDBREAKS=\${COMP_WORDBREAKS//=}
complete -o nospace -o default -F ${call} ${name}
`,
    zsh: `${call}() {
  local -a candidates
  candidates=( $\{=$( COMP_LINE="$LBUFFER" ${name} --shell-completion query=zsh 2> /dev/null )} )
  compadd -S '' -a candidates
}
compdef ${call} ${name}
`,
    fish: `function ${call}
  env COMP_LINE=(commandline -cp) ${name} --shell-completion query=fish 2> /dev/null
end
complete -c ${name} -f -a '(${call})'
`,
  };
  return scripts[shell];
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
