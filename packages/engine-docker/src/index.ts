export type { Hardening } from './container/container-plan.ts';
export { createDockerEngine, type DockerEngineOptions } from './create-docker-engine.ts';
