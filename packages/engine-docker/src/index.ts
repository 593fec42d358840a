export type { Hardening } from './container/container-plan.ts';
export { createDockerEngine, type DockerEngineOptions } from './create-docker-engine.ts';
export type { NetworkOptions } from './network/environment-network.ts';
