import { type ContainerEngine, invalidArgument } from '@recac/engine-core';
import { findSession } from '@recac/session';
import { type CopyOptions, copyIn, copyOut, copyOutArchive } from '@recac/workspace-sync';
import type { CommandContext } from '../command-context.ts';
import type { CpOptions } from '../commands/cp.ts';
import { type CopyPlace, parseCopyPlace } from '../copy-place.ts';
import { checkStdin } from '../execute-command.ts';
import { exitInterrupted } from '../exit-interrupted.ts';
import { exitOk } from '../exit-status.ts';
import { watchInterruption } from '../interruption.ts';
import type { Io } from '../io.ts';
import { toJsonLine } from '../json-text.ts';
import { openEngine } from '../open-engine.ts';
import { createReporter } from '../reporter.ts';
import { validateFlags } from '../validate-flags.ts';

/** The words of `recac cp`. */
export interface CpArguments {
  /** From where. */
  readonly source: string;
  /** To where. */
  readonly destination: string;
}

/** `recac cp`: one side is a session, the other this machine or a tar stream. An interruption leaves nothing. */
export async function cpAction(given: CpArguments, options: CpOptions, { io }: CommandContext): Promise<number> {
  const source = parseCopyPlace(given.source, 'source');
  const destination = parseCopyPlace(given.destination, 'destination');
  const session = findSide(source, destination);
  validateFlags(options);
  if (source.type === 'stream') checkStdin(io, { interactive: true });
  const { engine } = await openEngine(options);
  const reporter = createReporter(io, options);
  using interruption = watchInterruption(io, { json: options.json });
  const copyOptions: CopyOptions = {
    signal: interruption.graceful,
    followLink: options.followLink === true,
    onSkipped: (name) => reporter.note(`left out, because it is no file, directory or link: ${name}`),
    ...(options.user === undefined ? {} : { user: options.user }),
  };
  try {
    const environment = await findSession(engine, session.name, { signal: interruption.graceful });
    await copy({ engine, environmentId: environment.id, io }, { source, destination }, copyOptions);
    if (options.json === true && destination.type !== 'stream')
      await io.writeStdout(toJsonLine({ session: session.name, source: given.source, destination: given.destination }));
    return interruption.exitCode ?? exitOk;
  } catch (error) {
    return await exitInterrupted(error, interruption, { io, json: options.json });
  } finally {
    await engine.close();
  }
}

interface Copying {
  readonly engine: ContainerEngine;
  readonly environmentId: string;
  readonly io: Io;
}

async function copy(
  { engine, environmentId, io }: Copying,
  { source, destination }: { readonly source: CopyPlace; readonly destination: CopyPlace },
  options: CopyOptions,
): Promise<void> {
  if (destination.type === 'session') {
    const from = source.type === 'local' ? source.path : io.readStdin();
    await copyIn(engine, environmentId, { ...options, source: from, destination: destination.path });
  } else if (source.type === 'session' && destination.type === 'local') {
    await copyOut(engine, environmentId, { ...options, source: source.path, destination: destination.path });
  } else if (source.type === 'session') {
    await copyOutArchive(engine, environmentId, { ...options, source: source.path, onData: io.writeStdout });
  }
}

function findSide(source: CopyPlace, destination: CopyPlace): Extract<CopyPlace, { type: 'session' }> {
  if (source.type === 'session' && destination.type === 'session')
    throw invalidArgument('destination', 'must not be a session when the source is one', 'Copy in two steps.');
  if (source.type === 'session') return source;
  if (destination.type === 'session') return destination;
  throw invalidArgument('source', 'or the destination must be in a session', 'Write it as NAME:PATH.');
}
