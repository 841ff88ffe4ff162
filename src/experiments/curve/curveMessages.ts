/** What a curve's pool and its workers tell each other. */
import type { CurvePoint, CurveRequest, CurveTask } from './loadCurve.ts';

export type ToWorker =
  /** What later tasks belong to. */
  | { readonly do: 'request'; readonly job: number; readonly request: CurveRequest }
  | { readonly do: 'task'; readonly job: number; readonly task: CurveTask };

export type FromWorker =
  | { readonly did: 'start' }
  | { readonly did: 'task'; readonly job: number; readonly point: CurvePoint }
  | { readonly did: 'fail'; readonly job: number; readonly message: string };
