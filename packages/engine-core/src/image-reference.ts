import { findRegistryProblem, isRegistry } from './image-registry.ts';
import { invalidArgument } from './recac-error.ts';

/** The parts of an image reference, with the defaults of Docker filled in. */
export interface ImageReference {
  /** Host, with port where given. Default: `docker.io`. */
  readonly registry: string;
  /** Path of the repository; a single name on `docker.io` gets `library/` in front. */
  readonly repository: string;
  /** Tag. `latest` when neither tag nor digest was given, absent when only a digest was. */
  readonly tag?: string;
  /** Content digest such as `sha256:…`. Where both are given it decides, and the tag is a remark. */
  readonly digest?: string;
}

const defaultRegistry = 'docker.io';
const maximumLength = 255;
const maximumTextLength = 1_024;
const componentShape = /^[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*$/;
const tagShape = /^\w[\w.-]{0,127}$/;
const digestHexLength: Readonly<Record<string, number>> = { sha256: 64, sha384: 96, sha512: 128 };
const upperCase = 'must have a lower-case repository';
const nextStep = 'Write it as [registry/]repository[:tag][@sha256:digest], such as node:24 or ghcr.io/me/agent:1.0.';

/**
 * Reads an image reference by Docker's grammar. Errors: `RECAC_INVALID_ARGUMENT`, naming the part that breaks a rule; a password in the
 * reference is never repeated.
 */
export function parseImageReference(text: string, field = 'image'): ImageReference {
  const problem = findTextProblem(text);
  if (problem !== undefined) throw invalidArgument(field, problem, nextStep);
  const [named = '', digest, ...moreDigests] = text.split('@');
  const { name, tag } = splitTag(named);
  const { registry, repository } = splitRegistry(name);
  const partProblem =
    (moreDigests.length > 0 ? 'must have one digest at most' : undefined) ??
    findNameProblem(registry, repository, tag !== undefined) ??
    (tag === undefined ? undefined : findTagProblem(tag)) ??
    (digest === undefined ? undefined : findDigestProblem(digest));
  if (partProblem !== undefined) throw invalidArgument(field, partProblem, toNextStep(partProblem, text, name));
  const effectiveTag = tag ?? (digest === undefined ? 'latest' : undefined);
  return {
    ...normalizeName(registry, repository),
    ...(effectiveTag === undefined ? {} : { tag: effectiveTag }),
    ...(digest === undefined ? {} : { digest }),
  };
}

/** The full spelling of a reference, with registry and tag: `docker.io/library/node:24`. */
export function formatImageReference(reference: ImageReference): string {
  const tag = reference.tag === undefined ? '' : `:${reference.tag}`;
  const digest = reference.digest === undefined ? '' : `@${reference.digest}`;
  return `${reference.registry}/${reference.repository}${tag}${digest}`;
}

function findTextProblem(text: string): string | undefined {
  if (typeof text !== 'string') return 'must be a text';
  if (text === '') return 'must not be empty';
  if (text.length > maximumTextLength) return `must not be longer than ${maximumTextLength} characters`;
  if (text !== text.trim()) return 'must not begin or end with white space or a line end';
  if (/\s/.test(text)) return 'must not hold white space';
  if (/\p{C}/u.test(text)) return 'must not hold control or invisible characters';
  if (text.startsWith('-')) return 'must not begin with "-"';
  if (/^[a-z][a-z0-9+.-]*:\/\//i.test(text)) return 'must not begin with a scheme such as https://';
  if (/^[^/@]*@[^/]*\//.test(text)) return 'must not hold a user name or password';
  if (/^[0-9a-f]{64}$/.test(text) || /^sha256:[0-9a-f]{64}$/.test(text))
    return 'must name a repository, not an image id';
  return undefined;
}

function toNextStep(problem: string, text: string, name: string): string {
  return problem === upperCase ? `Did you mean ${name.toLowerCase()}${text.slice(name.length)}?` : nextStep;
}

function splitTag(named: string): { readonly name: string; readonly tag: string | undefined } {
  const colon = named.indexOf(':', named.lastIndexOf('/') + 1);
  return colon < 0 ? { name: named, tag: undefined } : { name: named.slice(0, colon), tag: named.slice(colon + 1) };
}

function splitRegistry(name: string): { readonly registry: string | undefined; readonly repository: string } {
  const slash = name.indexOf('/');
  const first = name.slice(0, slash);
  if (slash < 0 || !isRegistry(first)) return { registry: undefined, repository: name };
  return { registry: first, repository: name.slice(slash + 1) };
}

function findNameProblem(registry: string | undefined, repository: string, hasTag: boolean): string | undefined {
  if (repository === '') return hasTag ? 'must have a repository before the tag' : 'must have a repository';
  const registryProblem = registry === undefined ? undefined : findRegistryProblem(registry);
  if (registryProblem !== undefined) return registryProblem;
  const { length } = registry === undefined ? repository : `${registry}/${repository}`;
  if (length > maximumLength) return `must have a name of at most ${maximumLength} characters (it has ${length})`;
  for (const component of repository.split('/')) {
    if (/[A-Z]/.test(component)) return upperCase;
    if (!componentShape.test(component)) {
      return `has the path part ${JSON.stringify(component)}; parts are lower-case letters and digits, joined by ".", "_", "__" or "-"`;
    }
  }
  return undefined;
}

function findTagProblem(tag: string): string | undefined {
  if (tag === '') return 'must have a tag after ":"';
  if (tag.includes(':')) return 'must have one tag at most';
  if (tag.length > 128) return `must have a tag of at most 128 characters (it has ${tag.length})`;
  if (!tagShape.test(tag)) return 'must have a tag of letters, digits, "_", "." and "-", not beginning with "." or "-"';
  return undefined;
}

function findDigestProblem(digest: string): string | undefined {
  const [algorithm = '', hex = '', ...rest] = digest.split(':');
  const expected = Object.hasOwn(digestHexLength, algorithm) ? digestHexLength[algorithm] : undefined;
  if (expected === undefined || rest.length > 0) return 'must have a digest of the form sha256:<64 hexadecimal digits>';
  if (!/^[0-9a-f]*$/.test(hex)) return 'must have a digest of lower-case hexadecimal digits';
  if (hex.length !== expected)
    return `must have ${expected} hexadecimal digits after ${algorithm}: (it has ${hex.length})`;
  return undefined;
}

function normalizeName(
  registry: string | undefined,
  repository: string,
): Pick<ImageReference, 'registry' | 'repository'> {
  const known = registry === undefined || registry === 'index.docker.io' ? defaultRegistry : registry;
  const official = known === defaultRegistry && !repository.includes('/');
  return { registry: known, repository: official ? `library/${repository}` : repository };
}
