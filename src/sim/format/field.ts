/**
 * How a kind's parameters are described: once, beside the kind, as data. Validation, the JSON
 * Schema, the table in docs/flow-format.md and sliders are all made from these descriptions, and the
 * types below make a description that misses or misspells a parameter fail to compile.
 */

interface Base {
  /** The field's term, as printed on screen and in messages, for example `Accept queue`. */
  readonly label: string;
  /** One sentence, if the label and the unit do not say it all. */
  readonly help?: string;
  /** Where the default comes from, for example `Tomcat 10.1: maxThreads`, or `illustrative`. */
  readonly source?: string;
}

export interface NumberField extends Base {
  readonly type: 'number';
  /** `s`, `ms`, `req/s`, `messages`, … ; empty for a bare number or a share of 1. */
  readonly unit: string;
  readonly min: number;
  readonly max: number;
  /** `min` itself is not allowed. */
  readonly aboveMin?: true;
  readonly integer?: true;
  /** The file may say null, which means these words, for example `without limit`. */
  readonly none?: string;
  /** Used when the file does not say; a field without a default must be given. */
  readonly default?: number | null;
}

export interface ChoiceField<Option extends string = string> extends Base {
  readonly type: 'choice';
  /** What each option means, in words. */
  readonly options: Readonly<Record<Option, string>>;
  readonly default?: NoInfer<Option>;
}

export interface BooleanField extends Base {
  readonly type: 'boolean';
  readonly default?: boolean;
}

/** Free text for people. */
export interface TextField extends Base {
  readonly type: 'text';
  readonly default?: string;
}

/** A name that paths and other fields may refer to: letters, digits, `_` and `-`. */
export interface NameField extends Base {
  readonly type: 'name';
  readonly optional?: true;
  /** Whoever says the same name belongs together; nothing else of that name has to be there. */
  readonly joins?: true;
}

/** What a reference to another node is for; calls may not form a circle. */
export type EdgeUse = 'call' | 'publish' | 'consume' | 'send' | 'read' | 'act';

/** The id of another node. */
export interface NodeField extends Base {
  readonly type: 'node';
  readonly use: EdgeUse;
  /** Kinds it may refer to. */
  readonly kinds: readonly string[];
  readonly optional?: true;
}

export interface ListField extends Base {
  readonly type: 'list';
  readonly of: Field;
  readonly minItems: number;
  readonly maxItems: number;
  readonly optional?: true;
}

/** A group of fields in an object of their own, for example a retry policy. */
export interface ObjectField extends Base {
  readonly type: 'object';
  readonly fields: FieldMap;
  /** May be left out; then `absent` holds, in words, for example `no retries`. */
  readonly absent?: string;
  /** The file may say null, meaning the same as leaving it out. */
  readonly nullable?: true;
}

/** An object with free keys (names), for example endpoints by name. */
export interface RecordField extends Base {
  readonly type: 'record';
  readonly of: Field;
  readonly maxItems: number;
  readonly absent?: string;
}

/** A union described elsewhere under that name, for example `step` or `variability`. */
export interface RefField extends Base {
  readonly type: 'ref';
  readonly to: string;
  readonly absent?: string;
}

/** A number, a text or null: checked by what it is given to. */
export interface ValueField extends Base {
  readonly type: 'value';
}

export type Field =
  | ValueField
  | NumberField
  | ChoiceField
  | BooleanField
  | TextField
  | NameField
  | NodeField
  | ListField
  | ObjectField
  | RecordField
  | RefField;

export type FieldMap = Readonly<Record<string, Field>>;

/** The description that fits a value of type T. */
type FieldOf<T> = [number | string | null] extends [T]
  ? ValueField
  : [T] extends [number | null]
    ? NumberField
    : [T] extends [boolean]
      ? BooleanField
      : [T] extends [string]
        ? string extends T
          ? TextField | NameField | NodeField
          : ChoiceField<T>
        : [T] extends [readonly unknown[] | null]
          ? ListField
          : ObjectField | RecordField | RefField;

type MustBeGiven = {
  readonly default?: undefined;
  readonly optional?: undefined;
  readonly absent?: undefined;
};
type MayBeLeftOut =
  | { readonly default: number | string | boolean | null }
  | { readonly optional: true }
  | { readonly absent: string };

/**
 * One field for each member of a type, the tag excepted: none missing, none too many. A member that
 * the type has optional says what holds without it; one that the type requires must be given.
 */
export type FieldsOf<Spec, Tag extends string> = {
  readonly [Key in Exclude<keyof Spec, Tag>]-?: FieldOf<Exclude<Spec[Key], undefined>> &
    (object extends Pick<Spec, Key> ? MayBeLeftOut : MustBeGiven);
};

export interface Fault {
  /** Where in the file, for example `nodes.api.handler[2].target`. */
  readonly path: string;
  /** What is wrong. */
  readonly message: string;
  /** What would be right. */
  readonly right: string;
}

/** One member of a tagged union: a kind of node, of step, of distribution. */
export interface Variant {
  readonly label: string;
  readonly help: string;
  readonly fields: FieldMap;
  /** What the fields cannot say one by one; paths are relative to the object. Fields are valid by then. */
  readonly check?: (value: never, report: (fault: Fault) => void) => void;
}

/** A variant of the union member `Spec`, tagged by `Tag`; checked against the type. */
export interface VariantOf<Spec, Tag extends string> {
  readonly label: string;
  readonly help: string;
  readonly fields: FieldsOf<Spec, Tag>;
  readonly check?: (value: Spec, report: (fault: Fault) => void) => void;
}

/** A tagged union: which member tells the variants apart, and the variants. */
export interface Union {
  readonly label: string;
  readonly tag: string;
  readonly variants: Readonly<Record<string, Variant>>;
}

/** Every variant of a union type, by its tag; tsc fails if one has no description. */
export type VariantsOf<Spec, Tag extends keyof Spec & string> = {
  readonly [Value in Spec[Tag] & string]: VariantOf<Extract<Spec, Record<Tag, Value>>, Tag>;
};
