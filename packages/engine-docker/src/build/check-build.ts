import { lstat, realpath, stat } from 'node:fs/promises';
import { isAbsolute, relative, resolve, sep } from 'node:path';
import process from 'node:process';
import { type BuildOptions, invalidArgument, parseImageReference, validatePlatform } from '@recac/engine-core';

/** Where a checked build finds its files. */
export interface BuildPlaces {
  /** Absolute path of the context, without links. */
  readonly context: string;
  /** Path of the Dockerfile, relative to the context, with `/` between its parts. */
  readonly dockerfile: string;
}

const remoteShape = /^(?:[a-z][a-z0-9+.-]*:\/\/|git@|github\.com\/)/i;
const variableShape = /^[A-Za-z_][A-Za-z0-9_]*$/;
const secretWord =
  /(?:^|_)(?:token|secret|password|passwd|passphrase|apikey|api_key|private_?key|access_?key|secret_?key|credential|auth)s?(?:_|$)/i;

/** Checks a build before anything is sent, and finds its files. Errors: `RECAC_INVALID_ARGUMENT`, naming the field. */
export async function checkBuild(options: BuildOptions): Promise<BuildPlaces> {
  const { tag, target, platform, labels = {} } = options;
  if (parseImageReference(tag, 'tag').digest !== undefined)
    throw invalidArgument('tag', 'must not have a digest', 'A build decides its digest itself.');
  if (target !== undefined && !/^[A-Za-z0-9][A-Za-z0-9_.-]*$/.test(target))
    throw invalidArgument('target', 'must be the name of a stage', 'Write the name after AS in the Dockerfile.');
  if (platform !== undefined) validatePlatform(platform);
  for (const name of Object.keys(labels))
    if (name.trim() === '' || /[=\p{Cc}]/u.test(name))
      throw invalidArgument('labels', `has the name ${JSON.stringify(name)}`, 'Names have no "=" and are not empty.');
  checkArguments(options.buildArguments ?? {});
  await checkSecrets(options.secrets ?? {});
  return findPlaces(options);
}

function checkArguments(buildArguments: Readonly<Record<string, string>>): void {
  for (const [name, value] of Object.entries(buildArguments)) {
    const field = `buildArguments.${name}`;
    if (!variableShape.test(name))
      throw invalidArgument('buildArguments', `has the name ${JSON.stringify(name)}`, 'Use letters, digits and "_".');
    if (isSecretName(name))
      throw invalidArgument(
        field,
        'is named like a secret, and build arguments stay readable in the image',
        `Give it as a secret instead (secrets: { ${name}: … }) and read it with RUN --mount=type=secret,id=${name}.`,
      );
    if (value.includes('\0')) throw invalidArgument(field, 'must not hold a NUL byte', 'Remove it.');
  }
}

/** True for names such as `NPM_TOKEN` and `dbPassword`. */
export function isSecretName(name: string): boolean {
  return secretWord.test(name.replace(/([a-z0-9])([A-Z])/g, '$1_$2'));
}

async function checkSecrets(secrets: NonNullable<BuildOptions['secrets']>): Promise<void> {
  for (const [id, secret] of Object.entries(secrets)) {
    const field = `secrets.${id}`;
    if (!/^[A-Za-z0-9_][A-Za-z0-9_.-]*$/.test(id))
      throw invalidArgument('secrets', `has the name ${JSON.stringify(id)}`, 'Use letters, digits, "_", "." and "-".');
    if ('environmentVariable' in secret) {
      if (process.env[secret.environmentVariable] === undefined)
        throw invalidArgument(field, `names the variable ${secret.environmentVariable}, which is not set`, 'Set it.');
    } else if (!(await stat(secret.file).catch(() => undefined))?.isFile())
      throw invalidArgument(field, `names ${secret.file}, which is no file that can be read`, 'Name a file.');
  }
}

async function findPlaces({ context, dockerfile = 'Dockerfile' }: BuildOptions): Promise<BuildPlaces> {
  if (typeof context !== 'string' || context === '' || context === '-' || remoteShape.test(context))
    throw invalidArgument('context', 'must be a directory on this machine', 'Fetch what is remote first.');
  const root = await realpath(context).catch((error: { readonly code?: string }) => {
    throw invalidArgument('context', `names ${context}, which cannot be used (${error.code})`, 'Name a directory.');
  });
  if (!(await stat(root)).isDirectory())
    throw invalidArgument('context', `names ${context}, which is no directory`, 'Name a directory.');
  if (dockerfile === '' || dockerfile === '-' || remoteShape.test(dockerfile))
    throw invalidArgument('dockerfile', 'must be a file in the context', 'Write its path inside the context.');
  const path = relative(
    root,
    resolve(isAbsolute(dockerfile) ? await toReal(dockerfile, context, root) : resolve(root, dockerfile)),
  );
  if (isOutside(path))
    throw invalidArgument('dockerfile', 'lies outside the context', 'Move it, or take a larger context.');
  const found = await lstat(resolve(root, path)).catch(() => undefined);
  if (!found) throw invalidArgument('dockerfile', `names ${path}, which is not in the context`, 'Check the path.');
  const real = await realpath(resolve(root, path)).catch(() => undefined);
  if (real === undefined || isOutside(relative(root, real)))
    throw invalidArgument(
      'dockerfile',
      'is a link that leads out of the context, or nowhere',
      'Put the file itself there.',
    );
  if (!(await stat(real)).isFile())
    throw invalidArgument('dockerfile', `names ${path}, which is no file`, 'Check the path.');
  return { context: root, dockerfile: path.split(sep).join('/') };
}

/** An absolute path that goes through the context as it was written, in terms of the context without links. */
async function toReal(dockerfile: string, context: string, root: string): Promise<string> {
  const path = relative(resolve(context), dockerfile);
  return isOutside(path) ? dockerfile : resolve(root, path);
}

function isOutside(path: string): boolean {
  return path === '' || path === '..' || path.startsWith(`..${sep}`) || isAbsolute(path);
}
