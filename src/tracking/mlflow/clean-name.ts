/** Characters in a metric, param or tag key. */
export const KEY_AT_MOST = 250;

/**
 * A key as every server takes it: other characters than letters, digits, `_ - . / :` and space become `_`, and the key is a plain
 * relative path. A key that is fine stays as it is.
 */
export function cleanName(name: string): string {
  const characters = name.replaceAll(/[^/\p{L}\p{N}_.\- :]/gu, "_");
  const path = characters
    .split("/")
    .filter((part) => part !== "")
    .map((part) => (/^\.{1,2}$/.test(part) ? "_".repeat(part.length) : part))
    .join("/")
    .replace(/^\.\./, "__");
  return cutText(path, KEY_AT_MOST).replace(/\/+$/, "") || "_";
}

/** At most `most` code points, as the servers count. */
export function cutText(text: string, most: number): string {
  if (text.length <= most) return text;
  const characters = [...text];
  return characters.length <= most ? text : characters.slice(0, most).join("");
}
