/**
 * Lists of messages, linked through the message table: one per priority, group or phase. A message is
 * in at most one list at a time.
 */
import type { MessageTable } from './messages.ts';

export class MessageLists {
  readonly heads: Int32Array;
  readonly tails: Int32Array;
  readonly counts: Int32Array;

  constructor(lists: number) {
    this.heads = new Int32Array(lists).fill(-1);
    this.tails = new Int32Array(lists).fill(-1);
    this.counts = new Int32Array(lists);
  }

  pushTail(messages: MessageTable, list: number, message: number): void {
    this.insertAfter(messages, list, message, this.tails[list]);
  }

  pushHead(messages: MessageTable, list: number, message: number): void {
    this.insertAfter(messages, list, message, -1);
  }

  /** To its place by age; messages that come back are older than most, so the search starts at the head. */
  insertByNumber(messages: MessageTable, list: number, message: number): void {
    const number = messages.number[message];
    let before = -1;
    let after = this.heads[list];
    while (after >= 0 && messages.number[after] < number) {
      before = after;
      after = messages.next[after]!;
    }
    this.insertAfter(messages, list, message, before);
  }

  /** To its place by due time, after those due at the same moment; later ones are searched from the tail. */
  insertByDue(messages: MessageTable, list: number, message: number): void {
    const dueS = messages.dueS[message];
    let before = this.tails[list];
    while (before >= 0 && messages.dueS[before] > dueS) before = messages.previous[before]!;
    this.insertAfter(messages, list, message, before);
  }

  unlink(messages: MessageTable, list: number, message: number): void {
    const before = messages.previous[message];
    const after = messages.next[message];
    if (before >= 0) messages.next[before] = after;
    else this.heads[list] = after;
    if (after >= 0) messages.previous[after] = before;
    else this.tails[list] = before;
    messages.previous[message] = -1;
    messages.next[message] = -1;
    this.counts[list]--;
  }

  private insertAfter(messages: MessageTable, list: number, message: number, before: number): void {
    const after = before >= 0 ? messages.next[before] : this.heads[list];
    messages.previous[message] = before;
    messages.next[message] = after;
    if (before >= 0) messages.next[before] = message;
    else this.heads[list] = message;
    if (after >= 0) messages.previous[after] = message;
    else this.tails[list] = message;
    this.counts[list]++;
  }
}
