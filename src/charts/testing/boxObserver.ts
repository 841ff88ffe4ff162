/** Stands in for `ResizeObserver` in tests: whatever is observed has the same size, at once. */
export function boxObserver(width: number, height: number) {
  return class {
    readonly #callback: (entries: unknown[]) => void;
    constructor(callback: (entries: unknown[]) => void) {
      this.#callback = callback;
    }
    observe() {
      this.#callback([{ contentRect: { width, height } }]);
    }
    disconnect() {}
  };
}
