/** How one test image is made. Its tar file is built again when anything named here changes. */
export interface ImageRecipe {
  /** Repository and tag, such as `recac-test/busybox:1`. */
  readonly reference: string;
  /** Instructions of a Dockerfile for its configuration, such as `CMD ["sh"]`. */
  readonly changes: readonly string[];
  /** Everything of this machine and of this recipe that decides the content. Read when the image is asked for. */
  readonly inputs: () => Promise<readonly string[]>;
  /** Fills an empty directory with the root file system of the image. */
  readonly fill: (root: string) => Promise<void>;
}
