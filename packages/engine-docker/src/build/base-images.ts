const fromShape = /^\s*FROM\s+(?:--\S+\s+)*(\S+)(?:\s+AS\s+(\S+))?\s*$/i;
const copyShape = /^\s*COPY\s+(?:--\S+\s+)*?--from=(\S+)\s/i;
const argumentShape = /^\s*ARG\s+([A-Za-z_]\w*)(?:=(?:"([^"]*)"|'([^']*)'|(\S*)))?\s*$/i;
const variable = /\$(?:([A-Za-z_]\w*)|\{([A-Za-z_]\w*)(?::-([^}]*))?\})/g;

/** The images that a Dockerfile begins its stages with or copies from, as far as they can be told without running it. Stages and `scratch` are none. */
export function findBaseImages(
  dockerfile: string,
  buildArguments: Readonly<Record<string, string>>,
): readonly string[] {
  const known = new Map<string, string>();
  const stages = new Set(['scratch']);
  const images = new Set<string>();
  for (const line of dockerfile.replace(/\\\r?\n/g, ' ').split(/\r?\n/)) {
    const [argument, name = '', double, single, plain] = argumentShape.exec(line) ?? [];
    if (argument !== undefined) known.set(name, buildArguments[name] ?? double ?? single ?? plain ?? '');
    const [copy, source = ''] = copyShape.exec(line) ?? [];
    if (copy !== undefined && !/^\d+$/.test(source) && !stages.has(source.toLowerCase())) images.add(source);
    const [from, written = '', stage] = fromShape.exec(line) ?? [];
    if (from === undefined) continue;
    const image = written.replace(
      variable,
      (_, bare, braced, fallback) => known.get(bare ?? braced) || (fallback ?? ''),
    );
    if (!stages.has(image.toLowerCase())) images.add(image);
    if (stage !== undefined) stages.add(stage.toLowerCase());
  }
  return [...images];
}
