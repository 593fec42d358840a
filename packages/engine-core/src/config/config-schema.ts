import { z } from 'zod';
import { dockerSectionSchema } from './docker-section.ts';
import { kubernetesSectionSchema } from './kubernetes-section.ts';
import { localSectionSchema } from './local-section.ts';
import { runnerSectionSchema } from './runner-section.ts';
import { sessionSectionSchema } from './session-section.ts';
import { workspaceSectionSchema } from './workspace-section.ts';

/**
 * The configuration as it is written, with the specification's keys. Parsing fills in the defaults and keeps the spelling of the values;
 * `parseConfig` also explains problems and gives the normalized `Config`.
 */
export const configSchema = z
  .strictObject({
    runner: runnerSectionSchema,
    kubernetes: kubernetesSectionSchema,
    docker: dockerSectionSchema,
    local: localSectionSchema,
    workspace: workspaceSectionSchema,
    session: sessionSectionSchema,
  })
  .meta({ title: 'recac configuration', description: 'Configuration of recac: recac.yaml.' });

/** A checked configuration in its written spelling, defaults filled in. */
export type WrittenConfig = z.output<typeof configSchema>;
