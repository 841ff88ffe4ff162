/** Requests whose user was told one thing while another is true: a matter for accounting. */
import type { Request } from '../kernel/request.ts';
import { RequestFlag } from '../kernel/requests.ts';
import { Outcome } from '../outcome.ts';

interface AccountingCounts {
  /** Failed or timed out, and charged. */
  chargedButFailed: number;
  /** Served, and the queued payment was declined afterwards. */
  confirmedThenDeclined: number;
  /** Served, although the publish of a message was refused. */
  confirmedButRefused: number;
}

/** Of a request that is answered now. */
export function noteRefusal({ outcome, flags }: Request, counts: AccountingCounts): void {
  if (outcome === Outcome.Served && (flags & RequestFlag.Refused) !== 0) {
    counts.confirmedButRefused++;
  }
}

/** Counts what only the combination of outcome and later facts tells; each request once. */
export function noteCharge(request: Request, counts: AccountingCounts): void {
  const { outcome, flags } = request;
  if ((flags & RequestFlag.ChargedCounted) !== 0) return;
  const unhappy = outcome === Outcome.Failed || outcome === Outcome.TimedOut;
  if (unhappy && (flags & RequestFlag.Charged) !== 0) {
    counts.chargedButFailed++;
    request.flags = flags | RequestFlag.ChargedCounted;
  } else if (outcome === Outcome.Served && (flags & RequestFlag.DeclinedLater) !== 0) {
    counts.confirmedThenDeclined++;
    request.flags = flags | RequestFlag.ChargedCounted;
  }
}
