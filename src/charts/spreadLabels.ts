/** Moves labels in one dimension just far enough apart to be read. */

/**
 * @param wanted where each label would like to be, any order
 * @param gap least distance between neighbours
 * @param min lowest place allowed
 * @param max highest place allowed; when the labels do not fit, they overlap evenly
 * @returns places in the order of `wanted`; labels keep their order and move as little as possible
 */
export function spreadLabels(
  wanted: readonly number[],
  gap: number,
  min: number,
  max: number,
): number[] {
  const count = wanted.length;
  const apart = count > 1 ? Math.min(gap, (max - min) / (count - 1)) : 0;
  const order = wanted.map((_, i) => i).sort((a, b) => at(wanted, a) - at(wanted, b) || a - b);

  // Labels that touch form a cluster centred on what its members want (pool adjacent violators).
  const clusters: { sum: number; size: number }[] = [];
  order.forEach((label, rank) => {
    clusters.push({ sum: at(wanted, label) - rank * apart, size: 1 });
    for (;;) {
      const last = clusters.at(-1);
      const previous = clusters.at(-2);
      if (!last || !previous || previous.sum / previous.size <= last.sum / last.size) break;
      previous.sum += last.sum;
      previous.size += last.size;
      clusters.pop();
    }
  });

  const places = new Array<number>(count).fill(min);
  let rank = 0;
  for (const cluster of clusters) {
    const base = Math.min(Math.max(cluster.sum / cluster.size, min), max - (count - 1) * apart);
    for (let i = 0; i < cluster.size; i++, rank++) places[at(order, rank)] = base + rank * apart;
  }
  return places;
}

function at(values: readonly number[], index: number): number {
  return values[index] ?? 0;
}
