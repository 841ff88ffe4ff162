/** The empty view of a broker, for kinds that hold messages. */
import { MAX_VIEW_SHELF, MAX_VIEW_SLOTS, type BrokerView } from '../view.ts';

export function emptyBrokerView(id: string, index: number): BrokerView {
  return {
    kind: 'broker',
    id,
    index,
    ready: 0,
    inFlight: 0,
    backingOff: 0,
    deadLettered: 0,
    dropped: 0,
    refused: 0,
    limit: Infinity,
    oldestAgeS: 0,
    publishing: 0,
    shelfRequest: new Int32Array(MAX_VIEW_SHELF),
    shelfAttempt: new Int16Array(MAX_VIEW_SHELF),
    shelfSinceS: new Float64Array(MAX_VIEW_SHELF),
    shelfDueS: new Float64Array(MAX_VIEW_SHELF),
    maxAttempts: 0,
    deadRequest: new Int32Array(MAX_VIEW_SHELF),
    deadS: new Float64Array(MAX_VIEW_SHELF),
    readyRequest: new Int32Array(MAX_VIEW_SLOTS),
    readySinceS: new Float64Array(MAX_VIEW_SLOTS),
  };
}
