export { createLocalEngine, type LocalEngineOptions } from './create-local-engine.ts';
export type { LocalPlatform } from './local-platform.ts';
