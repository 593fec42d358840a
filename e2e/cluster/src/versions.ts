/** The versions of Kubernetes that the tests know, by minor version. */
export const versions = { '1.34': '1.34.4', '1.37': '1.37.2' } as const;

/** A minor version that the tests know. */
export type MinorVersion = keyof typeof versions;

/** The version that tests run against when nobody says: the oldest. */
const defaultVersion: MinorVersion = '1.34';

/** Reads a version as somebody wrote it. Throws with the known ones when it is none. */
export function parseVersion(text: string | undefined): MinorVersion {
  if (text === undefined || text === '') return defaultVersion;
  if (text in versions) return text as MinorVersion;
  throw new Error(`there is no test cluster of version ${text}. Known: ${Object.keys(versions).join(', ')}.`);
}
