import type { ContainerEngine, EngineCapabilities } from '@recac/engine-core';

/** Members of an engine that a mutant replaces. */
export type EnginePatch = Partial<Omit<ContainerEngine, 'capabilities'>> & {
  readonly capabilities?: EngineCapabilities;
};

/** A deliberately broken engine. */
export interface Mutant {
  /** The fault, in words. */
  readonly fault: string;
  /** Id of the case that names the fault. */
  readonly fails: string;
  /** Other quick cases of the group that the same fault cannot but fail. Default: none. */
  readonly also?: readonly string[];
  /** It disturbs cases that run beside it. Default: false. */
  readonly alone?: boolean;
  /** The broken members, made from the working engine. */
  readonly patch: (engine: ContainerEngine) => EnginePatch;
}

/** The object with some members replaced. */
export function override<T extends object>(target: T, patch: Partial<T>): T {
  return new Proxy(target, {
    get(object, key) {
      if (key in patch) return Reflect.get(patch, key);
      const value: unknown = Reflect.get(object, key, object);
      return typeof value === 'function' ? value.bind(object) : value;
    },
  });
}

/** The broken engine. */
export function mutate(engine: ContainerEngine, mutant: Mutant): ContainerEngine {
  return override(engine, mutant.patch(engine) as Partial<ContainerEngine>);
}
