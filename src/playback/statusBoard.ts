/** The player's slow state, for stores: replaced as a whole when something in it changes, and told then. */
import type { PlayerStatus } from './player.ts';

export type StatusFields = Omit<PlayerStatus, 'headS'>;

/** A run that nobody has done anything to. */
export const UNTOUCHED = {
  interventions: [],
  ghost: null,
  surgeUntilS: 0,
  seeking: null,
  laggingSpeed: null,
  lastStep: null,
  followed: null,
} as const satisfies Partial<StatusFields>;

export class StatusBoard {
  fields: StatusFields;
  /** What was told last. */
  current: PlayerStatus;
  private readonly readHeadS: () => number;
  private readonly listeners = new Set<() => void>();

  /** @param readHeadS it moves with every frame; it is read when asked for, instead of changing the status */
  constructor(fields: StatusFields, readHeadS: () => number) {
    this.fields = fields;
    this.readHeadS = readHeadS;
    this.current = this.create();
  }

  /** @returns an unsubscribe function */
  subscribe(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /** Tells of a change. */
  set(patch: Partial<StatusFields>): void {
    this.prepare(patch);
    this.current = this.create();
    this.notify();
  }

  /** Tells of it only if anything is news. */
  update(patch: Partial<StatusFields>): void {
    const keys = Object.keys(patch) as (keyof StatusFields)[];
    if (keys.some((key) => patch[key] !== this.fields[key])) this.set(patch);
  }

  /** To be told with the next change. */
  prepare(patch: Partial<StatusFields>): void {
    this.fields = { ...this.fields, ...patch };
  }

  notify(): void {
    for (const listener of [...this.listeners]) listener();
  }

  private create(): PlayerStatus {
    const { readHeadS } = this;
    return Object.freeze({
      ...this.fields,
      get headS() {
        return readHeadS();
      },
    });
  }
}
