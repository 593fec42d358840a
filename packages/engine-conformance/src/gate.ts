/** A promise and the function that fulfils it. */
export interface Gate {
  /** Fulfilled once `open` was called. */
  readonly opened: Promise<void>;
  /** Fulfils `opened`. Idempotent. */
  readonly open: () => void;
}

/** A gate that is closed. */
export function createGate(): Gate {
  let open = (): void => undefined;
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { opened, open: () => open() };
}
