import { busyboxImage, entrypointImage, noShellImage, noTemporaryDirectoryImage } from './busybox-images.ts';
import { debianImage } from './debian-image.ts';
import type { ImageRecipe } from './image-recipe.ts';

/** Every image that tests use. */
export const testImages: readonly ImageRecipe[] = [
  busyboxImage,
  entrypointImage,
  noTemporaryDirectoryImage,
  noShellImage,
  debianImage,
];
