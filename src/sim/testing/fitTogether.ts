/**
 * Makes values fit each other that the format checks together: drawn one by one they seldom would, and
 * next to no random flow would be valid.
 */
type Fields = Record<string, unknown>;

/** Changes a node or another part of a flow in place. */
export function fitTogether(part: Fields): void {
  if (part['kind'] === 'clients') fitToArrivals(part);
  const { autoscale, deliveryMs, priorityShares, lagsMs, replicas, repeatEveryS, profile } = part;
  if (typeof repeatEveryS === 'number') {
    const points = profile as readonly { readonly atS: number }[] | undefined;
    if (points === undefined) delete part['repeatEveryS'];
    else part['repeatEveryS'] = Math.max(repeatEveryS, ...points.map(({ atS }) => atS));
  }
  if (autoscale !== undefined) {
    const scaling = autoscale as Record<'min' | 'max', number>;
    scaling.max = Math.max(scaling.min, scaling.max);
  }
  if (deliveryMs === undefined || deliveryMs === 0) delete part['deliveryLoss'];
  if (priorityShares !== undefined) {
    const shares = priorityShares as readonly number[];
    const sum = shares.reduce((before, share) => before + share, 0);
    part['priorityShares'] = sum > 0 ? shares.map((share) => share / sum) : [];
  }
  if (lagsMs !== undefined) {
    part['lagsMs'] = (lagsMs as readonly number[]).slice(0, (replicas as number | undefined) ?? 1);
  }
}

/** Takes away what has no effect with arrivals of their kind. */
export function fitToArrivals(clients: Fields): void {
  const { arrivals } = clients;
  const unused =
    arrivals === 'closed'
      ? ['batchSize', 'batchSizes', 'profile', 'repeatEveryS', 'bursts']
      : ['users', 'thinkS', 'thinkVariability'];
  if (arrivals !== 'renewal') unused.push('gapVariability');
  for (const key of unused) delete clients[key];
}
