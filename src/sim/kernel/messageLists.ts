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

  /** To its place by age: behind those at the head that are older; looked for from both ends at once. */
  insertByNumber(messages: MessageTable, list: number, message: number): void {
    const number = messages.number[message];
    let after = this.heads[list];
    let before = this.tails[list];
    while (after >= 0 && messages.number[after] < number) {
      if (messages.number[before] < number) {
        this.insertAfter(messages, list, message, before);
        return;
      }
      before = messages.previous[before]!;
      after = messages.next[after]!;
    }
    this.insertAfter(
      messages,
      list,
      message,
      after < 0 ? this.tails[list] : messages.previous[after],
    );
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
