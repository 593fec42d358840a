import { randomUUID } from 'node:crypto';
import { type EnsureImageOptions, type EnvironmentSpec, labelKeys } from '@recac/engine-core';
import type { ObjectMetadata } from '../api/object-metadata.ts';
import { toFacts } from '../attempt-facts.ts';
import type { NewJob } from '../job/job-object.ts';
import { toJob } from '../job/job-plan.ts';
import type { JobSettings } from '../job/job-settings.ts';

/** How an image is asked for. */
export interface ProbeSpec extends Pick<EnsureImageOptions, 'policy' | 'platform'> {
  /** Longest wait in milliseconds, after which the Job ends itself. */
  readonly limitMs: number;
}

/** The Job that asks a node for an image. Errors: `RECAC_INVALID_ARGUMENT`. */
export function toProbe(reference: string, settings: JobSettings, { policy, platform, limitMs }: ProbeSpec): NewJob {
  const spec: EnvironmentSpec = {
    sessionId: `image-${randomUUID()}`,
    image: reference,
    network: 'none',
    pendingTimeoutMs: limitMs,
    ...(policy === undefined ? {} : { pullPolicy: policy }),
    ...(platform === undefined ? {} : { platform }),
  };
  return withoutManagedLabel(toJob(spec, settings, toFacts(randomUUID())).job);
}

/** Nobody shall take the Job, or its pod, for an environment. */
function withoutManagedLabel(job: NewJob): NewJob {
  const withoutLabel = <Metadata extends Pick<ObjectMetadata, 'labels'>>(metadata: Metadata): Metadata => {
    const { [labelKeys.managed]: _managed, ...labels } = metadata.labels ?? {};
    return { ...metadata, labels };
  };
  const { spec, metadata } = job;
  const template = { ...spec.template, metadata: withoutLabel(spec.template.metadata ?? {}) };
  return { ...job, metadata: withoutLabel(metadata), spec: { ...spec, template } };
}
