import { throwIfAborted } from '@recac/engine-core';
import { defaultStateDirectory } from '@recac/workspace-sync';
import { chooseWorkspace } from './choose-workspace.ts';
import { requireImage, toEnvironmentSpec } from './environment-spec.ts';
import { loadEngine } from './load-engine.ts';
import { loadDefaultConfig } from './open-session.ts';
import type { OpenSessionOptions } from './open-session-options.ts';
import { toSafeListener } from './session-event.ts';
import { generateSessionName } from './session-name.ts';
import { withoutUndefined } from './without-undefined.ts';

/**
 * The objects that opening a session would create, and nothing is created. The workspace is looked at, but not sent; what a start would add is a `warning`. Errors: as `openSession`, and
 * `RECAC_CAPABILITY_UNSUPPORTED` where the engine has no such objects.
 */
export async function renderSession(options: OpenSessionOptions = {}): Promise<readonly unknown[]> {
  throwIfAborted(options.signal, 'rendering the session');
  const config = options.config ?? (await loadDefaultConfig());
  const engine = options.engine ?? (await loadEngine(config, options));
  const emit = toSafeListener(options.onEvent);
  const stateDirectory = options.stateDirectory ?? defaultStateDirectory();
  try {
    requireImage({ options, config, engine });
    const { strategy } = await chooseWorkspace({ config, options, engine, emit, stateDirectory });
    const workspace = await strategy.prepare();
    const name = options.name ?? generateSessionName();
    const spec = toEnvironmentSpec({ options, config, engine, name, workspace, strategy: strategy.name });
    return await engine.renderEnvironment(spec, {
      ...withoutUndefined({ signal: options.signal }),
      onWarning: (message) => emit({ type: 'warning', message }),
    });
  } finally {
    if (options.engine === undefined) await engine.close();
  }
}
