import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import process from 'node:process';
import type { EngineCapabilities } from '@recac/engine-core';

/** What the local engine can count on here. Decided once, in this file. */
export interface LocalPlatform {
  /** /proc tells about processes, with their environment and open files. Not on macOS. */
  readonly processTable: boolean;
  /** A `setsid` program gives a command its own session. Not on macOS. */
  readonly sessions: boolean;
  /** We may become another user. */
  readonly root: boolean;
}

/** Looks at the machine. Does no other I/O than asking whether files exist. */
export function detectPlatform(): LocalPlatform {
  const path = process.env.PATH ?? '';
  return {
    processTable: existsSync('/proc/self/environ'),
    sessions: path.split(delimiter).some((directory) => existsSync(join(directory, 'setsid'))),
    root: process.getuid?.() === 0,
  };
}

/** What the local engine can do on a platform. Without /proc and setsid, commands are plain child processes without a record. */
export function toCapabilities(platform: LocalPlatform): EngineCapabilities {
  const durable = platform.processTable && platform.sessions;
  return {
    isolation: 'none',
    durableExec: durable,
    escapeeSweep: durable,
    execAsUser: platform.root && durable,
    terminal: false,
    images: false,
    listImages: false,
    renderEnvironment: false,
    buildImage: false,
    resourceLimits: false,
    networkPresets: false,
    bindMount: true,
    persistentVolumeClaimMount: false,
    keptWorkspaces: true,
    openPort: false,
  };
}
