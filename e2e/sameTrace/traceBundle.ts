/** What the test page and its worker load: one script for both. Never part of the app. */
import { digestOf, linesOf, type TraceDigest, type TraceRun } from './traceDigest.ts';

export type TraceRequest =
  | { readonly do: 'digest'; readonly run: TraceRun }
  | { readonly do: 'lines'; readonly run: TraceRun; readonly block: number };
export type TraceReply = TraceDigest | readonly string[];

async function reply(request: TraceRequest): Promise<TraceReply> {
  return request.do === 'digest' ? digestOf(request.run) : linesOf(request.run, request.block);
}

if (typeof document === 'undefined') {
  // In a worker: one answer a question, in order.
  addEventListener('message', ({ data }: MessageEvent<TraceRequest>) => {
    reply(data).then(
      (result) => postMessage({ result }),
      (error: unknown) => postMessage({ error: String(error) }),
    );
  });
} else {
  const worker = new Worker('./sameTrace.js');
  const inWorker = (request: TraceRequest): Promise<TraceReply> =>
    new Promise((resolve, reject) => {
      worker.onerror = ({ message }) => reject(new Error(message));
      worker.onmessage = ({ data }: MessageEvent<{ result?: TraceReply; error?: string }>) => {
        if (data.result === undefined) reject(new Error(data.error));
        else resolve(data.result);
      };
      worker.postMessage(request);
    });
  Object.assign(globalThis, { sameTrace: { page: reply, worker: inWorker } });
}
