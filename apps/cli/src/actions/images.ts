import type { ImageSummary } from '@recac/engine-core';
import { describeBytes } from '../bytes.ts';
import type { CommandContext } from '../command-context.ts';
import { exitOk } from '../exit-status.ts';
import { toJsonLine } from '../json-text.ts';
import { describeAge } from '../milliseconds.ts';
import { openEngine } from '../open-engine.ts';
import type { EngineOptions } from '../options/common-options.ts';
import { createReporter } from '../reporter.ts';
import { renderTable } from '../table.ts';

const shortIdLength = 12;

/** `recac images`: what can be started without a pull, one line for each name of an image. */
export async function imagesAction(options: EngineOptions, { io }: CommandContext): Promise<number> {
  await using engine = (await openEngine(options)).engine;
  const images = await engine.listImages();
  if (options.json === true) await io.writeStdout(toJsonLine(images));
  else if (images.length === 0) createReporter(io, options).note(`the ${engine.backend} engine has no image`);
  else {
    const rows = images.flatMap((image) => toRows(image, Date.now()));
    await io.writeStdout(renderTable(['IMAGE', 'ID', 'AGE', 'SIZE'], rows));
  }
  return exitOk;
}

function toRows({ id, references, sizeBytes, createdAt }: ImageSummary, now: number): readonly (readonly string[])[] {
  const names = references.length === 0 ? ['<none>'] : references;
  const shortId = id.replace(/^sha256:/, '').slice(0, shortIdLength);
  return names.map((name) => [name, shortId, describeAge(now - createdAt.getTime()), describeBytes(sizeBytes)]);
}
