/** Our own engines by literal names: that is how the bundle finds them. */
const ownEngines: Readonly<Record<string, () => Promise<unknown>>> = {
  '@recac/engine-docker': () => import('@recac/engine-docker'),
  '@recac/engine-k8s': () => import('@recac/engine-k8s'),
  '@recac/engine-local': () => import('@recac/engine-local'),
};

/** Imports an engine's package: one of ours, or one that is installed beside recac. Rejects as `import()` does. */
export function importEngine(name: string): Promise<unknown> {
  return Object.hasOwn(ownEngines, name) ? (ownEngines[name]?.() as Promise<unknown>) : import(name);
}
