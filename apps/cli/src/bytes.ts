const units = ['B', 'kB', 'MB', 'GB', 'TB'];

/** A number of bytes for people, in powers of 1 000 as Docker writes them: `512 B`, `1.5 kB`, `235 MB`. */
export function describeBytes(bytes: number): string {
  let value = bytes;
  let unit = 0;
  while (value >= 999.5 && unit < units.length - 1) {
    value /= 1_000;
    unit += 1;
  }
  const digits = unit === 0 || value >= 99.95 ? 0 : 1;
  return `${value.toFixed(digits)} ${units[unit]}`;
}
