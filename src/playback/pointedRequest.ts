/** The request under the pointer or the keyboard, wherever on the page that is: it is shown everywhere. */
export class PointedRequest {
  private request: number | null = null;
  private readonly listeners = new Set<() => void>();

  get current(): number | null {
    return this.request;
  }

  /** @param request null when nothing is pointed at any more */
  point(request: number | null): void {
    if (request === this.request) return;
    this.request = request;
    for (const listener of this.listeners) listener();
  }

  /** @returns an unsubscribe function */
  subscribe(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }
}
