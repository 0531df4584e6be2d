const closing: Readonly<Record<string, string>> = { "[": "]", "{": "}", "(": ")" };

/** One text as override words: parted at blanks that are not within quotes or brackets. */
export function splitWords(text: string): readonly string[] {
  const words: string[] = [];
  const open: string[] = [];
  let word = "";
  for (const character of text) {
    const inner = open.at(-1);
    if (/\s/.test(character) && inner === undefined) {
      if (word !== "") words.push(word);
      word = "";
      continue;
    }
    word += character;
    if (character === inner) open.pop();
    else if (inner !== "'" && inner !== '"') {
      const end = character === "'" || character === '"' ? character : closing[character];
      if (end !== undefined) open.push(end);
    }
  }
  if (word !== "") words.push(word);
  return words;
}
