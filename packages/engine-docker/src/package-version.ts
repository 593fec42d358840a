import { createRequire } from 'node:module';

/** Version of this package, written on everything that it creates. */
export const packageVersion: string = createRequire(import.meta.url)('../package.json').version;
