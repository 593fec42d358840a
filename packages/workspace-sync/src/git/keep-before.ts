import { type Repository, resolveReference, setReferences } from './repository.ts';

/**
 * Keeps the working tree of this machine under a reference of its own, and gives its name: `reference`, or that and a number. What an earlier try left under such a name may be all that
 * there is of a file, and stays. Errors: `RECAC_WORKSPACE_GIT_FAILED`.
 */
export async function keepBefore(repository: Repository, reference: string, commit: string): Promise<string> {
  for (let count = 1; ; count += 1) {
    const name = count === 1 ? reference : `${reference}.${count}`;
    if ((await resolveReference(repository, name)) !== undefined) continue;
    await setReferences(repository, { [name]: commit });
    return name;
  }
}
