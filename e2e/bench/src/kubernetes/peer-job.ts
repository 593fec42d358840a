import { randomUUID } from 'node:crypto';
import process from 'node:process';

/** The cluster that is measured. */
export const kubeconfig = process.env.RECAC_BENCH_KUBECONFIG ?? process.env.KUBECONFIG ?? '';

/** kubectl, and what comes before its own arguments. */
export const kubectl = (process.env.RECAC_BENCH_KUBECTL ?? 'kubectl').split(' ');

/** The image that everything runs in: one with busybox's programs. */
export const benchImage = process.env.RECAC_BENCH_IMAGE ?? 'recac-test/busybox:1';

const volumes = ['workspace', 'tmp', 'run', 'home', 'records'];

/** A Job like an environment's: the same profile and, unless told otherwise, volumes, and a main process that ends on SIGTERM. */
export function toPeerJob({ volumes: hasVolumes = true } = {}) {
  const mounted = hasVolumes ? volumes : [];
  const name = `bench-${randomUUID().slice(0, 13)}`;
  return {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: { name },
    spec: {
      backoffLimit: 0,
      template: {
        metadata: { labels: { 'recac-bench': name } },
        spec: {
          restartPolicy: 'Never',
          automountServiceAccountToken: false,
          enableServiceLinks: false,
          terminationGracePeriodSeconds: 5,
          securityContext: {
            runAsNonRoot: true,
            runAsUser: 10_000,
            runAsGroup: 10_000,
            fsGroup: 10_000,
            seccompProfile: { type: 'RuntimeDefault' },
          },
          containers: [
            {
              name: 'agent',
              image: benchImage,
              command: ['sh', '-c', "trap 'exit 0' TERM; while :; do sleep 3600 & wait; done"],
              securityContext: {
                allowPrivilegeEscalation: false,
                readOnlyRootFilesystem: true,
                capabilities: { drop: ['ALL'] },
              },
              volumeMounts: mounted.map((volume) => ({ name: volume, mountPath: `/mnt/${volume}` })),
            },
          ],
          volumes: mounted.map((volume) => ({ name: volume, emptyDir: {} })),
        },
      },
    },
  };
}
