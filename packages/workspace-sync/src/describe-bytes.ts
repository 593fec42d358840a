const units = ['bytes', 'KiB', 'MiB', 'GiB', 'TiB'];

/** Bytes for people, such as `1.4 GiB`. */
export function describeBytes(bytes: number): string {
  let value = bytes;
  let unit = 0;
  for (; value >= 1024 && unit < units.length - 1; unit += 1) value /= 1024;
  return `${unit === 0 ? value : value.toFixed(1)} ${units[unit]}`;
}
