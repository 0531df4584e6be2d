/** What Hydra's lexer refuses unquoted and we take: signs without a meaning, printable text of any script. */
const newSign = /[#;&!^<>~`]|[^\p{Cc}\p{Cs}\p{ASCII}]/u;

/** Quoted texts and interpolations, whose signs are anything. */
const opaque = /'(?:\\[\s\S]|[^'\\])*'|"(?:\\[\s\S]|[^"\\])*"|\$\{[^}]+\}/g;

/** The word with quoted texts and interpolations left out. */
export function withoutQuotedParts(word: string): string {
  return word.replace(opaque, "");
}

export interface StandIns {
  /** The same word in signs that Hydra takes. */
  readonly word: string;
  /** The signs put back into an answer to it. */
  restore<Answer>(answer: Answer): Answer;
}

/**
 * A word that says the same in Hydra's signs: each new sign of the value becomes a run of `%` and letters, each letter
 * of the key another letter, none of which has a meaning in the grammar.
 */
export function withStandIns(word: string): StandIns {
  const signs: [string, string][] = [];
  const standIn = (sign: string, mark: string): string => {
    const name = `${mark}q${"q".repeat(signs.length)}${mark}`;
    signs.push([name, sign]);
    return name;
  };
  const prefix = /^[+~]*/.exec(word)?.[0] ?? "";
  const equal = word.includes("=") ? word.indexOf("=") : word.length;
  const key = word.slice(prefix.length, equal).replace(/\p{ID_Start}/gu, (letter) => {
    return newSign.test(letter) ? standIn(letter, "Z") : letter;
  });
  const value = word.slice(equal).replace(new RegExp(`${opaque.source}|${newSign.source}`, "gu"), (part) => {
    return [...part].length === 1 ? standIn(part, "%") : part;
  });
  return {
    word: prefix + key + value,
    restore: (answer) =>
      JSON.parse(signs.reduce((text, [name, sign]) => text.replaceAll(name, sign), JSON.stringify(answer))),
  };
}

/** The word with every stretch of its value that holds a new sign in quotes. */
export function quotedSigns(word: string): string {
  const equal = word.indexOf("=") + 1;
  const value = word.slice(equal);
  if (equal === 0 || !newSign.test(withoutQuotedParts(value))) return word;
  const stretch = /^\s*[[{]|\(/.test(value) ? /[^[\]{}(),:=]+/gu : /[^,]+/gu;
  const quoted = value.replace(new RegExp(`${opaque.source}|${stretch.source}`, "gu"), (part) => {
    return /^['"$]/.test(part) || !newSign.test(part) ? part : `'${part.trim()}'`;
  });
  return word.slice(0, equal) + quoted;
}

const hydraFlags =
  "help hydra-help version cfg resolve package run multirun shell-completion config-path config-name config-dir experimental-rerun info".split(
    " ",
  );

/** The line with `--key value` as `key=value`; undefined where that and unquoted signs are not in it. */
export function plainWords(argv: readonly string[]): readonly string[] | undefined {
  const words: string[] = [];
  let changed = false;
  for (let at = 0; at < argv.length; at++) {
    const word = argv[at] ?? "";
    const next = argv[at + 1];
    const [, key, attached] = /^--([\p{ID_Start}_$][^=]*)(?:=(.*))?$/su.exec(word) ?? [];
    const value = attached ?? next;
    if (key === undefined || value === undefined || hydraFlags.some((flag) => flag.startsWith(key))) {
      words.push(word);
      changed ||= quotedSigns(word) !== word;
      continue;
    }
    words.push(`${key}=${value}`);
    if (attached === undefined) at++;
    changed = true;
  }
  return changed ? words : undefined;
}
