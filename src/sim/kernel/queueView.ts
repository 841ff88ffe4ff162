/** What a broker queue looks like at an instant. */
import { MAX_VIEW_SHELF, MAX_VIEW_SLOTS, type BrokerView } from '../view.ts';
import type { Kernel } from './node.ts';
import type { QueueState } from './queueState.ts';

/** Shelf entries looked at when the soonest due are picked for the view. */
const SHELF_SCAN = 2048;

export function readQueue(kernel: Kernel, state: QueueState, view: BrokerView): void {
  const { messages, requests } = kernel;
  view.ready = state.ready;
  view.inFlight = state.inFlight;
  view.backingOff = state.backingOff;
  view.deadLettered = state.dead;
  view.dropped = state.dropped;
  view.refused = state.refused;
  view.limit = state.limit;
  view.maxAttempts = state.maxAttempts;
  view.oldestAgeS = 0;
  view.publishing = 0;
  let slot = 0;
  for (let list = 0; list < state.lists.heads.length; list++) {
    let m = state.lists.heads[list];
    // Also where the more urgent ones alone fill the slots.
    if (m >= 0) view.oldestAgeS = Math.max(view.oldestAgeS, kernel.clockS - messages.enqueuedS[m]);
    for (; m >= 0 && slot < MAX_VIEW_SLOTS; m = messages.next[m]!) {
      view.readyRequest[slot] = requests.rows[messages.request[m]].number!;
      view.readySinceS[slot] = messages.enqueuedS[m]!;
      const age = kernel.clockS - messages.enqueuedS[m];
      if (age > view.oldestAgeS) view.oldestAgeS = age;
      slot++;
    }
  }
  for (const oldest of state.waiting.heads) {
    if (oldest < 0) continue;
    view.oldestAgeS = Math.max(view.oldestAgeS, kernel.clockS - messages.enqueuedS[oldest]);
  }
  readShelf(kernel, state, view);
  let shown = 0;
  let m = state.deadList.tails[0];
  for (; m >= 0 && shown < MAX_VIEW_SHELF; m = messages.previous[m]!) {
    view.deadRequest[shown] = requests.rows[messages.request[m]].number!;
    view.deadS[shown] = messages.sinceS[m]!;
    shown++;
  }
}

/** Those due soonest. */
function readShelf(kernel: Kernel, state: QueueState, view: BrokerView): void {
  const { messages, requests } = kernel;
  let shown = 0;
  let scanned = 0;
  let m = state.shelf.heads[0];
  for (; m >= 0 && scanned < SHELF_SCAN; m = messages.next[m]!) {
    scanned++;
    const dueS = messages.dueS[m];
    let at = shown;
    while (at > 0 && view.shelfDueS[at - 1] > dueS) at--;
    if (at >= MAX_VIEW_SHELF) continue;
    const last = Math.min(shown, MAX_VIEW_SHELF - 1);
    for (let k = last; k > at; k--) {
      view.shelfRequest[k] = view.shelfRequest[k - 1]!;
      view.shelfAttempt[k] = view.shelfAttempt[k - 1]!;
      view.shelfSinceS[k] = view.shelfSinceS[k - 1]!;
      view.shelfDueS[k] = view.shelfDueS[k - 1]!;
    }
    view.shelfRequest[at] = requests.rows[messages.request[m]].number!;
    view.shelfAttempt[at] = messages.attempts[m]!;
    view.shelfSinceS[at] = messages.sinceS[m]!;
    view.shelfDueS[at] = dueS;
    if (shown < MAX_VIEW_SHELF) shown++;
  }
}
