/** What stands in a secret's place. */
export const REDACTED = "[redacted]";

/** Last parts of dotted keys whose values are secrets; `pad_token` and `max_tokens` are none. */
const SECRET_KEYS = [
  /^(.*[_-])?(api[_-]?key|access[_-]?key|secret([_-]?access)?([_-]?key)?|private[_-]?key|password|passwd|pwd|passphrase|credentials?|authorization|bearer)$/i,
  /^((auth|access|refresh|hf|hub|hugging[_-]?face|api|tracking|session|bearer|bot|github|mlflow|wandb)[_-]?)*token$/i,
] as const;

/** Texts that are secrets by their look, with the part that is kept. */
const SECRET_TEXTS: readonly (readonly [RegExp, string])[] = [
  // A login in an address.
  [/\b([a-z][a-z0-9+.-]*:\/\/)[^\s/@]+@/gi, `$1${REDACTED}@`],
  [/\b(Bearer|Basic)\s+[A-Za-z0-9._~+/=-]{8,}/g, `$1 ${REDACTED}`],
  // Hugging Face, OpenAI-like, GitHub, GitLab, Slack, AWS, Google.
  [
    /\b(hf_[A-Za-z0-9]{20,}|sk-[A-Za-z0-9_-]{20,}|gh[pousr]_[A-Za-z0-9]{30,}|github_pat_\w{30,}|glpat-[\w-]{20,}|xox[abprs]-[\w-]{10,}|AKIA[0-9A-Z]{16}|AIza[\w-]{35})\b/g,
    REDACTED,
  ],
  // A JSON web token.
  [/\beyJ[\w-]{10,}\.[\w-]{10,}\.[\w-]{5,}/g, REDACTED],
  [/-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(-----END [A-Z ]*PRIVATE KEY-----|$)/g, REDACTED],
  [/([?&](?:token|key|api_key|access_token|signature|sig|password)=)[^&\s]+/gi, `$1${REDACTED}`],
];

/** Variables whose very values are secrets, whatever they look like. */
const SECRET_VARIABLES = [
  "MLFLOW_TRACKING_TOKEN",
  "MLFLOW_TRACKING_PASSWORD",
  "WANDB_API_KEY",
  "HF_TOKEN",
  "HUGGING_FACE_HUB_TOKEN",
  "AWS_SECRET_ACCESS_KEY",
  "AWS_SESSION_TOKEN",
];
/** Shorter values would be found in texts that have nothing to do with them. */
const SHORTEST_SECRET = 8;

/** A text without the secrets in it: tokens by their look, and the values of the environment's own secrets. */
export function redactText(text: string, env: NodeJS.ProcessEnv = process.env): string {
  let clean = text;
  for (const name of SECRET_VARIABLES) {
    const secret = env[name];
    if (secret !== undefined && secret.length >= SHORTEST_SECRET) clean = clean.replaceAll(secret, REDACTED);
  }
  for (const [pattern, kept] of SECRET_TEXTS) clean = clean.replaceAll(pattern, kept);
  return clean;
}

/** Whether a key names a secret. */
export function isSecretKey(key: string): boolean {
  const last = key.split(".").at(-1) ?? key;
  return SECRET_KEYS.some((pattern) => pattern.test(last));
}

/** A map in which the values of secret keys, and secrets in any text, are replaced, however deep they stand. Maps and lists are copied. */
export function redactKeys(values: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  return Object.fromEntries(
    Object.entries(values).map(([key, value]) => [key, redactAt(key, value, [values])]),
  );
}

export function redactTags(tags: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(tags).map(([key, value]) => [
      key,
      isSecretKey(key) ? REDACTED : redactText(String(value)),
    ]),
  );
}

function redactAt(key: string, value: unknown, above: readonly object[]): unknown {
  const empty = value === null || value === undefined || value === "" || typeof value === "boolean";
  if (isSecretKey(key) && !empty) return REDACTED;
  if (typeof value === "string") return redactText(value);
  if (typeof value !== "object" || value === null || above.includes(value)) return value;
  const path = [...above, value];
  if (Array.isArray(value)) return value.map((item) => redactAt("", item, path));
  if (Object.getPrototypeOf(value) !== Object.prototype) return value;
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, redactAt(name, item, path)]));
}
