export { cacheDirectory, cachedImage } from './image-cache.ts';
export type { ImageRecipe } from './image-recipe.ts';
export { importImages } from './import-images.ts';
export { requestDaemon } from './request-daemon.ts';
export { runProgram } from './run-program.ts';
export { testImages } from './test-images.ts';
