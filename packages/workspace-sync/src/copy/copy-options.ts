/** Options of copying, in both directions. */
export interface CopyOptions {
  /** When the source itself is a link, copy what it leads to. Default: false. */
  readonly followLink?: boolean;
  /** User in the environment that reads or writes. Default: the environment's. */
  readonly user?: string;
  /** Called with the name of each device, FIFO and socket, which are left out. */
  readonly onSkipped?: (name: string) => void;
  /** Cancels: nothing of what was copied remains. */
  readonly signal?: AbortSignal;
}
