import type { TarEntry } from './tar-entry.ts';
import { badArchive } from './tar-error.ts';

/** What pax records (`LENGTH KEY=VALUE\n`) say of the entry that follows. Keys that we have no use for are passed over. */
export function parsePaxRecords(body: Buffer): Partial<TarEntry> {
  const text = body.toString('latin1');
  let described: Partial<TarEntry> = {};
  for (let from = 0; from < text.length; ) {
    const length = Number(/^\d{1,9}(?= )/.exec(text.slice(from, from + 10))?.[0]);
    const record = text.slice(from, from + length);
    const match = /^\d+ ([^=]+)=(.*)\n$/s.exec(record);
    if (!(length > 0) || match === null) throw badArchive('has a damaged pax header', 'Make it again.');
    described = { ...described, ...toField(match[1] ?? '', match[2] ?? '') };
    from += length;
  }
  return described;
}

function toField(key: string, value: string): Partial<TarEntry> {
  if (key === 'path') return { name: value };
  if (key === 'linkpath') return { linkName: value };
  if (key === 'mtime' && Number.isFinite(Number(value))) return { modifiedSeconds: Number(value) };
  if (key === 'size' && /^\d{1,15}$/.test(value)) return { size: Number(value) };
  if (key.startsWith('GNU.sparse')) throw badArchive('holds sparse files', 'Make it without --sparse.');
  return {};
}
