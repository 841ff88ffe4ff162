import { describe, expect, it } from 'vitest';
import { NarratorVoice, type Utterance } from './narratorVoice.ts';
import { writeSentence, type Sentence } from './sentence.ts';
import { sayAll, sayDuration, sayIn, sayRate, sayShare, sayTaken, sayWhole } from './words.ts';

const sentence = (cause: string, text: string, untilS?: number) =>
  writeSentence(cause, [text], 100, untilS);

/** A voice that is told what is true, at 1× unless a speed is given. */
class Listener {
  private readonly voice = new NarratorVoice();
  private readonly speed: number;

  constructor(speed = 1) {
    this.speed = speed;
  }

  hear(ms: number, ...latest: readonly [Sentence, ...Sentence[]]): string {
    return this.say(ms, ...latest).sentence.text;
  }

  say(ms: number, ...latest: readonly [Sentence, ...Sentence[]]): Utterance {
    return this.voice.say(latest, ms, (ms / 1000) * this.speed);
  }
}

describe('the voice', () => {
  it('renews its numbers twice a second at most', () => {
    const listener = new Listener();
    const shown: string[] = [];
    for (let ms = 0; ms <= 1000; ms += 100) {
      shown.push(listener.hear(ms, sentence('a', `${ms}`)));
    }
    expect(shown).toEqual(['0', '0', '0', '0', '0', '500', '500', '500', '500', '500', '1000']);
  });

  it('changes its cause only after the change has held for a second', () => {
    const listener = new Listener();
    listener.hear(0, sentence('a', 'one'));
    expect(listener.hear(100, sentence('b', 'two'))).toBe('one');
    expect(listener.hear(600, sentence('b', 'two'))).toBe('one');
    expect(listener.hear(1000, sentence('b', 'two'))).toBe('one');
    expect(listener.hear(1100, sentence('b', 'two'))).toBe('two');
  });

  it('is not moved by a cause that comes and goes', () => {
    const listener = new Listener();
    const shown = new Set<string>();
    for (let ms = 0; ms < 10_000; ms += 100) {
      // Away for 300 ms of every second.
      shown.add(listener.hear(ms, ms % 1000 < 700 ? sentence('a', 'one') : sentence('b', 'two')));
    }
    expect([...shown]).toEqual(['one']);
  });

  it('lets causes that compete to follow share the second', () => {
    const listener = new Listener();
    listener.hear(0, sentence('a', 'one'));
    const shown: string[] = [];
    for (let ms = 100; ms <= 1200; ms += 100) {
      shown.push(listener.hear(ms, sentence(`rival ${ms % 400}`, `${ms}`)));
    }
    expect(shown.slice(0, 10)).toEqual(Array(10).fill('one'));
    expect(shown[10]).toBe('1100');
  });

  it('gives way even if the gone cause flickers up now and then', () => {
    const listener = new Listener();
    let text = '';
    for (let ms = 0; ms <= 2500; ms += 100) {
      text = listener.hear(ms, ms % 1000 === 0 ? sentence('a', 'one') : sentence('b', 'two'));
    }
    expect(text).toBe('two');
  });

  it('keeps the numbers of a true sentence fresh while it waits to give way', () => {
    const listener = new Listener();
    const a = (ms: number) => sentence('a', `one ${ms}`);
    listener.hear(0, a(0));
    expect(listener.hear(400, sentence('b', 'two'), a(400))).toBe('one 0');
    expect(listener.hear(600, sentence('b', 'two'), a(600))).toBe('one 600');
    expect(listener.hear(1400, sentence('b', 'two'), a(1400))).toBe('two');
  });

  it.each([
    [0.1, 1100],
    [1, 1100],
    [3, 500],
    [10, 500],
  ])('at %s× holds a change for a second of either time, till %s ms', (speed, atMs) => {
    const listener = new Listener(speed);
    listener.hear(0, sentence('a', 'one'));
    let ms = 0;
    while (listener.hear((ms += 100), sentence('b', 'two'), sentence('a', 'one')) === 'one');
    expect(ms).toBe(atMs);
  });

  it('never lets a prediction outlive its moment', () => {
    const listener = new Listener(10);
    const overflow = sentence('a', 'overflow in 2 s', 2);
    expect(listener.hear(0, overflow)).toBe('overflow in 2 s');
    expect(listener.hear(200, sentence('b', 'full'), overflow)).toBe('overflow in 2 s');
    expect(listener.hear(210, sentence('b', 'full'), overflow)).toBe('full');
  });

  it('drops a prediction whose ground is gone after a second of model time', () => {
    const listener = new Listener(10);
    listener.hear(0, sentence('a', 'overflow in 50 s', 50));
    expect(listener.hear(100, sentence('b', 'full'))).toBe('overflow in 50 s');
    expect(listener.hear(200, sentence('b', 'full'))).toBe('full');
  });

  it('says another moment at once: where it is told so, and after a jump in time', () => {
    const voice = new NarratorVoice();
    const hear = (text: string, ms: number, timeS: number, atOnce?: boolean) =>
      voice.say([sentence(text, text)], ms, timeS, atOnce).sentence.text;
    hear('one', 0, 20);
    expect(hear('two', 10, 20.01, true)).toBe('two');
    expect(hear('three', 20, 19)).toBe('three');
    expect(hear('four', 30, 40)).toBe('four');
    expect(hear('five', 40, 40.01)).toBe('four');
  });

  it('speaks changes of cause only, at most every five seconds', () => {
    const voice = new NarratorVoice();
    const spoken: (string | null)[] = [];
    const say = (cause: string, text: string, ms: number) =>
      spoken.push(voice.say([sentence(cause, text)], ms, ms / 1000, true).announcement);
    say('a', 'at first sight', 0);
    say('a', 'new numbers', 600);
    say('b', 'b', 1000);
    say('b', 'b again', 2000);
    say('c', 'c', 3000);
    say('c', 'c later', 6000);
    say('c', 'c still', 12_000);
    expect(spoken).toEqual([null, null, 'b', null, null, 'c later', null]);
  });

  it('keeps the object of a sentence that reads the same, whatever its deadline', () => {
    const listener = new Listener();
    const first = listener.say(0, sentence('a', 'same', 5)).sentence;
    expect(listener.say(900, sentence('a', 'same', 6)).sentence).toBe(first);
    expect(listener.say(5500, sentence('b', 'other'), sentence('a', 'same', 6)).sentence).toBe(
      first,
    );
  });
});

describe('a sentence', () => {
  it('is made of parts, and of plain text for speech', () => {
    expect(writeSentence('x', ['**All 3 are {parked-3} parked.** Fine. [Do it]'], 99)).toEqual({
      cause: 'x',
      parts: [
        { kind: 'strong', text: 'All 3 are ' },
        { kind: 'glyph', name: 'parked-3' },
        { kind: 'strong', text: ' parked.' },
        { kind: 'text', text: ' Fine. ' },
        { kind: 'action', action: 'setDeclines', label: 'Do it' },
      ],
      text: 'All 3 are parked. Fine.',
    });
  });

  it('leaves out the clauses that do not fit', () => {
    const { text } = writeSentence('x', ['Always.', 'Far too long to fit.', null, 'Short.'], 16);
    expect(text).toBe('Always. Short.');
  });
});

it('numbers read as in running text', () => {
  expect([0.3551, 0.9996, 4, 24.4, 158, 180, 800, 10_000].map(sayDuration)).toEqual([
    '355 ms',
    '1.0 s',
    '4.0 s',
    '24 s',
    '2.6 min',
    '3 min',
    '13 min',
    '2.8 h',
  ]);
  expect([0.2, 7.4, 15.6].map(sayWhole)).toEqual(['1 s', '7 s', '16 s']);
  expect([0, 0.25, 9.9, 27.3, 1234].map(sayRate)).toEqual(['0', '0.3', '9.9', '27', '1,234']);
  expect(sayShare(24, 27)).toBe('24 of 27 users a second');
  expect(sayShare(27, 27)).toBe('27 of 27 users a second');
  expect(sayShare(13.2, 12)).toBe('13 users a second');
  expect(sayShare(0.3, 12)).toBe('3 % of users');
  expect(sayShare(0.01, 12)).toBe('under 1 % of users');
  expect([sayIn(7.4, 0.5), sayIn(7.4, 5), sayIn(3, 5)]).toEqual(['in 7 s', 'in 7 s', 'within 5 s']);
  expect([1, 16].map((count) => sayAll(count, 'API thread'))).toEqual([
    'The only API thread is',
    'All 16 API threads are',
  ]);
  expect([sayTaken(1, 20), sayTaken(3, 20, 'API threads')]).toEqual([
    '1 of 20 is taken',
    '3 of 20 API threads are taken',
  ]);
});
