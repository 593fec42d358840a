import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import process from 'node:process';

const programs = [
  { name: 'go', probe: ['version'], from: 'the Go toolchain, 1.25 or newer' },
  { name: 'containerd', probe: ['--version'], from: 'Debian package containerd' },
  { name: 'runc', probe: ['--version'], from: 'Debian package runc' },
  { name: 'ip', probe: ['-V'], from: 'Debian package iproute2' },
  { name: 'iptables', probe: ['--version'], from: 'Debian package iptables' },
  { name: 'docker-registry', probe: ['--version'], from: 'Debian package docker-registry' },
  { name: 'openssl', probe: ['version'], from: 'Debian package openssl' },
  { name: 'perl', probe: ['-v'], from: 'Debian package perl-base' },
  { name: 'tini', probe: ['--version'], from: 'Debian package tini' },
] as const;

/** Why no cluster can be started here; undefined when one can. */
export function missingForCluster(): string | undefined {
  if (process.platform !== 'linux') return 'a cluster for tests needs Linux';
  if (process.getuid?.() !== 0) return 'a cluster for tests needs root';
  const missing: string[] = programs
    .filter(({ name, probe }) => spawnSync(name, [...probe]).error !== undefined)
    .map(({ name, from }) => `${name} (${from})`);
  if (!existsSync('/usr/lib/cni/bridge')) missing.push('CNI plugins (Debian package containernetworking-plugins)');
  return missing.length === 0 ? undefined : `not installed: ${missing.join(', ')}`;
}
