import { labelKeys } from '@recac/engine-core';
import { readOwner } from '@recac/engine-kit';
import { packageVersion } from './package-version.ts';

/** Labels that tell who made something, when, and with which version. */
export type CreatorLabels = Readonly<Record<string, string>>;

/** Those of what is made now. */
export function toCreatorLabels(): CreatorLabels {
  return {
    [labelKeys.owner]: readOwner(),
    [labelKeys.created]: new Date().toISOString(),
    [labelKeys.version]: packageVersion,
  };
}
