/** A dotted path of keys for people; keys with unusual characters are quoted and shortened, so that nothing in them reaches a terminal raw. */
export function formatPath(keys: readonly string[]): string {
  return keys.map((key) => (/^[\w-]{1,80}$/.test(key) ? key : escapeKey(key))).join('.');
}

function escapeKey(key: string): string {
  const shortened = key.length > 80 ? `${key.slice(0, 79)}…` : key;
  return JSON.stringify(shortened).replace(
    /[^\P{C} -~]/gu,
    (character) => `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`,
  );
}
