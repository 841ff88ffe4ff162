/** A run's report as text for people: one block a lane, one line a figure, one row a node. */
import { formatCount, formatDuration } from '../../scenarios/format.ts';
import type { LaneReport } from '../../sim/metrics/laneReport.ts';
import type { NodeReport } from '../../sim/metrics/nodeReport.ts';
import type { RunReport } from '../../sim/metrics/runReport.ts';
import type { SeriesSummary } from '../../sim/metrics/series.ts';
import type { HeadlessRun } from '../../sim/runHeadless.ts';

export function reportTable(runs: Readonly<Record<string, HeadlessRun>>, wallMs: number): string {
  const blocks = Object.entries(runs).map(([lane, { report }]) => laneBlock(lane, report));
  const events = Object.values(runs).reduce((sum, { report }) => sum + report.events, 0);
  const seconds = wallMs / 1000;
  const speed = seconds > 0 ? `, ${formatCount(Math.round(events / seconds))} events/s` : '';
  blocks.push(`${formatCount(events)} events in ${seconds.toFixed(2)} s${speed}`);
  return blocks.join('\n\n');
}

function laneBlock(lane: string, report: RunReport): string {
  const title = report.title === '' ? lane : `${lane}: ${report.title}`;
  const head = `${title} · seed ${report.seed} · ${seconds(report.fromS)} to ${seconds(report.toS)} s`;
  return [
    head,
    '='.repeat(head.length),
    ...laneLines(report.lane),
    '',
    ...table(services(report)),
    ...section(queues(report)),
    ...section(otherNodes(report)),
    ...section(calls(report)),
    ...section(consumerLags(report)),
    ...section(staleness(report)),
    ...section(classes(report)),
    '',
    ...Object.entries(report.nodes).flatMap(([id, node]) => counts(id, node)),
  ].join('\n');
}

function laneLines(lane: LaneReport): string[] {
  const rows: [string, string][] = [
    ['offered', `${count(lane.offered)}  (${rate(lane.offeredPerS)} /s)`],
    ['first tries', `${count(lane.firstTries)}  (${rate(lane.firstTriesPerS)} /s)`],
    ['amplification by clients', lane.amplification.toFixed(3)],
    ['completed', `${count(lane.completed)}  (${rate(lane.completedPerS)} /s)`],
    ['served (goodput)', `${count(lane.served)}  (${rate(lane.goodputPerS)} /s)`],
    ['declined', count(lane.declined)],
    ['rejected', count(lane.rejected)],
    ['timed out', count(lane.timedOut)],
    ['failed', count(lane.failed)],
    ['of these breaker-open', count(lane.breakerOpen)],
    ['in progress at the end', count(lane.open)],
    ['response time', summaryText(lane.response)],
    ...(lane.firstMessageDone === null || lane.allMessagesDone === null
      ? []
      : ([
          ['first message done', summaryText(lane.firstMessageDone)],
          ['all messages done', summaryText(lane.allMessagesDone)],
        ] satisfies [string, string][])),
    ['wasted work', `${seconds(lane.wastedS)} thread-s  (${percent(lane.wastedShare)})`],
    ['redeliveries', count(lane.redeliveries)],
    ['duplicate effects', count(lane.duplicateEffects)],
    ['dead-lettered', count(lane.deadLettered)],
    ['dropped by overflow', count(lane.dropped)],
    ['charged but failed', count(lane.chargedButFailed)],
    ['confirmed, then declined', count(lane.confirmedThenDeclined)],
    ['confirmed, publish refused', count(lane.confirmedButRefused)],
  ];
  return rows.map(([name, value]) => `${name.padEnd(28)}${value}`);
}

function summaryText(summary: SeriesSummary): string {
  if (summary.meanS === null) return '–';
  const interval = summary.meanCi95S === null ? '' : ` ± ${formatDuration(summary.meanCi95S)}`;
  return (
    `mean ${formatDuration(summary.meanS)}${interval}, p50 ${formatDuration(summary.p50S)}, ` +
    `p90 ${formatDuration(summary.p90S)}, p99 ${formatDuration(summary.p99S)}, ` +
    `p99.9 ${formatDuration(summary.p999S)}, max ${formatDuration(summary.maxS)}`
  );
}

function services(report: RunReport): string[][] {
  const rows = Object.entries(report.nodes).flatMap(([id, node]) => {
    const { threads, queue } = node;
    if (threads === null || queue === null) return [];
    const parkedOn = Object.entries(threads.parkedOn)
      .map(([target, mean]) => `${target} ${mean.toFixed(2)}`)
      .join(', ');
    return [
      [
        id,
        rate(node.offeredPerS),
        rate(node.completedPerS),
        share(node.shedRate),
        percent(threads.utilisation),
        `${threads.busyMean.toFixed(2)} of ${threads.capacity}`,
        parkedOn || '–',
        `${queue.mean.toFixed(2)} / ${count(queue.max)}`,
        `${formatDuration(queue.oldestS)} / ${formatDuration(queue.oldestMaxS)}`,
        formatDuration(node.timeInQueue?.meanS ?? null),
        formatDuration(node.timeInQueue?.p99S ?? null),
        formatDuration(node.response?.meanS ?? null),
        formatDuration(node.response?.p99S ?? null),
      ],
    ];
  });
  const head = [
    'threads',
    'offered/s',
    'done/s',
    'shed',
    'utilised',
    'busy',
    'parked on',
    'queue mean/max',
    'oldest now/max',
    'wait mean',
    'wait p99',
    'response mean',
    'p99',
  ];
  return rows.length === 0 ? [] : [head, ...rows];
}

/** What callers sent, what came of it, and what their own policies refused. */
function calls(report: RunReport): string[][] {
  const rows = Object.entries(report.calls).map(([id, call]) => [
    `${id} → ${call.to}`,
    count(call.firstTries),
    count(call.attempts),
    call.amplification.toFixed(3),
    ...(
      [
        ...(['rejected', 'timedOut', 'failed'] as const),
        ...(['breakerOpen', 'bulkheadFull', 'throttled', 'lost'] as const),
      ] as const
    ).map((figure) => count(call[figure])),
    share(call.shedRate),
  ]);
  const head = [
    ...['call', 'first tries', 'attempts', 'amplification', 'rejected', 'timed out', 'failed'],
    ...['breaker-open', 'bulkhead full', 'throttled', 'lost', 'shed'],
  ];
  return rows.length === 0 ? [] : [head, ...rows];
}

function queues(report: RunReport): string[][] {
  const rows = Object.entries(report.nodes).flatMap(([id, node]) => {
    const { queue } = node;
    if (queue === null || node.threads !== null) return [];
    return [
      [
        id,
        rate(node.offeredPerS),
        rate(node.completedPerS),
        `${queue.mean.toFixed(2)} / ${count(queue.max)}`,
        (node.inFlightMean ?? 0).toFixed(2),
        (node.backingOffMean ?? 0).toFixed(2),
        `${formatDuration(queue.oldestS)} / ${formatDuration(queue.oldestMaxS)}`,
        formatDuration(node.timeInQueue?.meanS ?? null),
        formatDuration(node.response?.meanS ?? null),
        formatDuration(node.response?.p99S ?? null),
      ],
    ];
  });
  const head = [
    'queue',
    'in/s',
    'acked/s',
    'ready mean/max',
    'in flight',
    'backing off',
    'oldest now/max',
    'wait mean',
    'end to end mean',
    'p99',
  ];
  return rows.length === 0 ? [] : [head, ...rows];
}

/** What has neither threads nor messages, and is asked for something all the same. */
function otherNodes(report: RunReport): string[][] {
  const rows = Object.entries(report.nodes).flatMap(([id, node]) => {
    const { threads, queue, offeredPerS, shedRate } = node;
    if (threads !== null || queue !== null || offeredPerS === null) return [];
    return [[id, node.kind, rate(offeredPerS), share(shedRate)]];
  });
  return rows.length === 0 ? [] : [['other', 'kind', 'offered/s', 'shed'], ...rows];
}

function consumerLags(report: RunReport): string[][] {
  const rows = Object.entries(report.nodes).flatMap(([id, { consumerLag }]) =>
    Object.entries(consumerLag ?? {}).map(([group, lag]) => [id, group, count(lag)]),
  );
  return rows.length === 0 ? [] : [['log', 'consumer group', 'lag at the end'], ...rows];
}

function staleness(report: RunReport): string[][] {
  const rows = Object.entries(report.nodes).flatMap(([id, node]) => {
    const { staleness: stale, slowStaleness: slow, noticeDelay } = node;
    const row = (name: string, shown: SeriesSummary | null, notice: SeriesSummary | null) =>
      shown === null && notice === null
        ? []
        : [
            [
              name,
              formatDuration(shown?.meanS ?? null),
              formatDuration(shown?.p99S ?? null),
              formatDuration(shown?.maxS ?? null),
              formatDuration(notice?.meanS ?? null),
              formatDuration(notice?.p99S ?? null),
            ],
          ];
    return [...row(id, stale, noticeDelay), ...row(`${id}, slow clients`, slow, null)];
  });
  const head = ['shown', 'staleness mean', 'p99', 'max', 'notice delay mean', 'p99'];
  return rows.length === 0 ? [] : [head, ...rows];
}

function classes(report: RunReport): string[][] {
  const rows = Object.entries(report.nodes).flatMap(([id, node]) =>
    (node.classes ?? []).map((each) => [
      `${id}.${each.name}`,
      count(each.firstTries),
      count(each.served),
      count(each.declined),
      count(each.rejected),
      count(each.timedOut),
      count(each.failed),
      count(each.open),
      formatDuration(each.timeInQueue.meanS),
      formatDuration(each.timeInQueue.p99S),
      ...(['meanS', 'p50S', 'p90S', 'p99S', 'maxS'] as const).map((figure) =>
        formatDuration(each.response[figure]),
      ),
    ]),
  );
  const head = [
    'class',
    'first tries',
    'served',
    'declined',
    'rejected',
    'timed out',
    'failed',
    'in progress',
    'wait mean',
    'wait p99',
    'response mean',
    'p50',
    'p90',
    'p99',
    'max',
  ];
  return rows.length === 0 ? [] : [head, ...rows];
}

function counts(id: string, node: NodeReport): string[] {
  const all = Object.entries(node.counts);
  if (all.length === 0) return [];
  return [`${id.padEnd(14)}${all.map(([name, value]) => `${name} ${count(value)}`).join(', ')}`];
}

function section(rows: string[][]): string[] {
  return rows.length === 0 ? [] : ['', ...table(rows)];
}

/** Columns in step: the first to the left, the others to the right. */
function table(rows: string[][]): string[] {
  const widths = (rows[0] ?? []).map((_, k) => Math.max(...rows.map((row) => row[k].length)));
  return rows.map((row) =>
    row
      .map((text, k) => (k === 0 ? text.padEnd(widths[k]) : text.padStart(widths[k])))
      .join('  ')
      .trimEnd(),
  );
}

function count(value: number): string {
  return formatCount(value);
}

function rate(perS: number | null): string {
  if (perS === null) return '–';
  return perS >= 100 ? formatCount(perS) : perS.toFixed(2);
}

function seconds(value: number): string {
  return Number.isInteger(value) ? formatCount(value) : value.toFixed(1);
}

function share(value: number | null): string {
  return value === null ? '–' : percent(value);
}

function percent(share: number): string {
  return `${(100 * share).toFixed(1)} %`;
}
