import process from 'node:process';
import type { ContainerEngine } from '@recac/engine-core';
import { createEngine } from '@recac/engine-kit';
import { resolveCluster } from './cluster/resolve-cluster.ts';
import { KubernetesDriver } from './kubernetes-driver.ts';
import type { KubernetesEngineOptions } from './kubernetes-engine-options.ts';

/** Environments as Jobs of the cluster that kubectl would use. Does no I/O until it is used. */
export function createKubernetesEngine(options: KubernetesEngineOptions = {}): ContainerEngine {
  const { kubeconfig, context, namespace, access, onPluginMessage = tellOnStderr, ...rest } = options;
  // What is left when the settings of engine-kit are taken out.
  const { maxLanes, idleLaneMs, recordLimitBytes, reconnectMs, ...job } = rest;
  return createEngine(
    new KubernetesDriver({
      resolve: async () =>
        access ??
        resolveCluster({
          onPluginMessage,
          ...(kubeconfig === undefined ? {} : { kubeconfig }),
          ...(context === undefined ? {} : { context }),
        }),
      job,
      ...(namespace === undefined ? {} : { namespace }),
    }),
    options,
  );
}

function tellOnStderr(line: string): void {
  process.stderr.write(`${line}\n`);
}
