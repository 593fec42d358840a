import { Manifest } from '../manifest/manifest.ts';
import { PathTable } from '../manifest/path-table.ts';

/** What both sides held when they were last the same. */
export class WorkspaceBase {
  /** Rows of all paths of both trees. */
  readonly table = new PathTable();
  /** The tree of this machine. */
  host = new Manifest(this.table);
  /** The tree of the environment. */
  environment = new Manifest(this.table);
}

/** What became different in one tree. */
export interface ManifestChange {
  /** New and changed entries. */
  readonly set: Manifest;
  /** Paths that are gone. */
  readonly removed: Manifest;
}

/** What became different in both. */
export interface BaseChange {
  /** In the tree of this machine. */
  readonly host: ManifestChange;
  /** In that of the environment. */
  readonly environment: ManifestChange;
}

/** Puts a change into a base, which may keep its manifests: they are not to be changed any more. */
export function changeBase(base: WorkspaceBase, change: BaseChange): void {
  for (const side of ['host', 'environment'] as const) {
    const { set } = change[side];
    // The first time everything is new, and a copy of it would be a second one in memory.
    if (base[side].size === 0 && set.table === base.table && set !== base.host) {
      base[side] = set;
      continue;
    }
    for (const path of change[side].removed.paths()) base[side].delete(path);
    for (const [path, entry] of change[side].set) base[side].set(path, entry);
  }
}
