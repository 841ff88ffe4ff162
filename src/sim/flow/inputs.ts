/** What a person or a schedule can do to a flow that runs, and when. */

/** What a person (or a schedule) does to a running flow at a moment. */
export type InputAction =
  /** Changes a parameter; `path` is `node.parameter`, for example `email.workMs` or `api.mode.email`. */
  | { readonly do: 'set'; readonly path: string; readonly value: number | string | null }
  /** Multiplies the arrival rate for a while; a factor of 1 ends it. */
  | {
      readonly do: 'surge';
      readonly node: string;
      readonly factor: number;
      readonly durationS: number;
    }
  /** A thread of the service dies in the middle of its work and is back after `downS`. */
  | { readonly do: 'kill'; readonly node: string; readonly downS: number }
  /** For a while the service starts nothing (stall), or turns every call away (refuse). */
  | {
      readonly do: 'outage';
      readonly node: string;
      readonly durationS: number;
      readonly how: 'stall' | 'refuse';
    }
  /** Empties the accept queue: all that wait in it are rejected. */
  | { readonly do: 'flush'; readonly node: string }
  /** Work that starts takes so many times as long, for a while; a factor of 1 ends it. */
  | {
      readonly do: 'slow';
      readonly node: string;
      readonly factor: number;
      readonly durationS: number;
    }
  /** The next request to arrive fails at this service on every attempt. */
  | { readonly do: 'poison'; readonly node: string }
  /** Sends the dead letters of a queue back to it. */
  | { readonly do: 'redrive'; readonly node: string };

export interface TimedInput {
  readonly timeS: number;
  readonly action: InputAction;
}
