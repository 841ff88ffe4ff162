/** The events each request went through, as linked rows; kept while the request's row is. */
import { Table } from './table.ts';

export class JourneyTable extends Table {
  timeS: Float64Array;
  kind: Uint8Array;
  node: Int16Array;
  cell: Int16Array;
  otherNode: Int16Array;
  otherCell: Int16Array;
  detail: Int32Array;

  constructor(capacity = 256) {
    super(capacity);
    this.timeS = new Float64Array(capacity);
    this.kind = new Uint8Array(capacity);
    this.node = new Int16Array(capacity);
    this.cell = new Int16Array(capacity);
    this.otherNode = new Int16Array(capacity);
    this.otherCell = new Int16Array(capacity);
    this.detail = new Int32Array(capacity);
  }
}
