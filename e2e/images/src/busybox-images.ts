import { accounts, makeTemporaryDirectory, writeAccounts } from './accounts.ts';
import { busyboxChanges, copyBusybox, hashBusybox, installBusybox } from './busybox.ts';
import type { ImageRecipe } from './image-recipe.ts';

const inputs = async () => ['busybox 1', await hashBusybox(), ...accounts];

async function fill(root: string): Promise<void> {
  await installBusybox(root);
  await writeAccounts(root);
  await makeTemporaryDirectory(root);
}

/** All applets of busybox; the users root, nobody and `agent` (1000). */
export const busyboxImage: ImageRecipe = { reference: 'recac-test/busybox:1', changes: busyboxChanges, inputs, fill };

/** The same with an ENTRYPOINT that exits 3 at once. */
export const entrypointImage: ImageRecipe = {
  reference: 'recac-test/entrypoint:1',
  changes: [...busyboxChanges, 'ENTRYPOINT ["/bin/sh", "-c", "exit 3"]'],
  inputs,
  fill,
};

/** The same without `/tmp`. */
export const noTemporaryDirectoryImage: ImageRecipe = {
  reference: 'recac-test/no-tmp:1',
  changes: busyboxChanges,
  inputs: async () => ['no /tmp', ...(await inputs())],
  fill: async (root) => {
    await installBusybox(root);
    await writeAccounts(root);
  },
};

/** One static program, `/bin/sleep`, and nothing else: no shell, no users, no `/tmp`. */
export const noShellImage: ImageRecipe = {
  reference: 'recac-test/no-shell:1',
  changes: ['CMD ["/bin/sleep", "1000"]'],
  inputs: async () => ['/bin/sleep only', await hashBusybox()],
  fill: (root) => copyBusybox(root, 'bin/sleep'),
};
