import { describe, expect, it } from 'vitest';
import { NarratorVoice } from './narratorVoice.ts';
import { writeSentence } from './sentence.ts';
import { sayDuration, sayRate, sayShare, sayWhole } from './words.ts';

const sentence = (cause: string, text: string) => writeSentence(cause, [text], 100);

describe('the voice', () => {
  it('renews its numbers twice a second at most', () => {
    const voice = new NarratorVoice();
    const shown: string[] = [];
    for (let ms = 0; ms <= 1000; ms += 100) {
      shown.push(voice.say(sentence('a', `${ms}`), ms).sentence.text);
    }
    expect(shown).toEqual(['0', '0', '0', '0', '0', '500', '500', '500', '500', '500', '1000']);
  });

  it('changes its cause only after the new one has held for a second', () => {
    const voice = new NarratorVoice();
    voice.say(sentence('a', 'one'), 0);
    expect(voice.say(sentence('b', 'two'), 100).sentence.text).toBe('one');
    expect(voice.say(sentence('b', 'two'), 1000).sentence.text).toBe('one');
    // It was gone in between: the second begins anew.
    expect(voice.say(sentence('a', 'one'), 1050).sentence.text).toBe('one');
    expect(voice.say(sentence('b', 'two'), 1100).sentence.text).toBe('one');
    expect(voice.say(sentence('b', 'two'), 2099).sentence.text).toBe('one');
    expect(voice.say(sentence('b', 'two'), 2100).sentence.text).toBe('two');
  });

  it('does not stick to a cause that is gone while others alternate', () => {
    const voice = new NarratorVoice();
    voice.say(sentence('a', 'one'), 0);
    let text = '';
    for (let ms = 500; ms <= 3000; ms += 500) {
      text = voice.say(sentence(ms % 1000 ? 'b' : 'c', `${ms}`), ms).sentence.text;
    }
    expect(text).toBe('3000');
  });

  it('says another moment at once', () => {
    const voice = new NarratorVoice();
    voice.say(sentence('a', 'one'), 0);
    expect(voice.say(sentence('b', 'two'), 10, true).sentence.text).toBe('two');
  });

  it('speaks changes of cause only, at most every five seconds', () => {
    const voice = new NarratorVoice();
    const spoken: (string | null)[] = [];
    const say = (cause: string, text: string, ms: number) =>
      spoken.push(voice.say(sentence(cause, text), ms, true).announcement);
    say('a', 'at first sight', 0);
    say('a', 'new numbers', 600);
    say('b', 'b', 1000);
    say('b', 'b again', 2000);
    say('c', 'c', 3000);
    say('c', 'c later', 6000);
    say('c', 'c still', 12_000);
    expect(spoken).toEqual([null, null, 'b', null, null, 'c later', null]);
  });

  it('keeps the object of a sentence that reads the same', () => {
    const voice = new NarratorVoice();
    const first = voice.say(sentence('a', 'same'), 0).sentence;
    expect(voice.say(sentence('a', 'same'), 900).sentence).toBe(first);
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
  expect([0.3551, 0.9996, 4, 24.4, 125, 180, 10_000].map(sayDuration)).toEqual([
    '355 ms',
    '1.0 s',
    '4.0 s',
    '24 s',
    '2 min',
    '3 min',
    '3 h',
  ]);
  expect([0.2, 7.4, 15.6].map(sayWhole)).toEqual(['1 s', '7 s', '16 s']);
  expect([0, 0.25, 9.9, 27.3, 1234].map(sayRate)).toEqual(['0', '0.3', '9.9', '27', '1,234']);
  expect(sayShare(24, 27)).toBe('24 of 27 users a second');
  expect(sayShare(27, 27)).toBe('all 27 users a second');
  expect(sayShare(0.3, 12)).toBe('3 % of users');
  expect(sayShare(0.01, 12)).toBe('under 1 % of users');
});
